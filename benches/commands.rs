//! Commands a second on the local bank, with the capacity units that each costs: `make bench`.
//!
//! The event store runs its production code through the real SDK; the engine beneath is the embedded one, in memory.

use std::{error::Error, future::Future, sync::Arc, time::Instant};

use app::{
    commit::{Actor, Cause},
    ledger::{BankPayment, Nature, open_accounts, settle_deposit},
    ports::Vault,
    streams::Streams,
};
use aws::{DynamoEventStore, KmsVault, SdkClock};
use domain::{
    ids::{AccountId, CustomerId, DepositReference, OperationId},
    ledger::deposit::Direction,
};
use granary::{
    engine::{Engine, clock::RealClock},
    services::{
        AllowAll, Aws, KeyAttribute, KeyKind, KeySpec, KeyUsage, NoOutbound, OPERATOR, StreamView, TableSpec,
        connector, sdk_config,
    },
};
use money::{Asset, Money};
use secrecy::SecretString;
use uuid::Uuid;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// How often each command is measured.
const ROUNDS: u32 = 500;
const KEY: &str = "00000000-0000-4000-8000-000000000001";

struct Bench {
    aws: Arc<Aws>,
    streams: Streams,
    vault: Arc<dyn Vault>,
}

fn open() -> Outcome<Bench> {
    let clock = Arc::new(RealClock::default());
    let aws = Aws::new(Engine::open(None, clock.clone())?, Arc::new(AllowAll));
    for (name, kind, stream) in [
        ("bench-ledger-events", KeyKind::N, Some(StreamView::NewImage)),
        ("bench-vault-values", KeyKind::S, None),
        ("bench-vault-keys", KeyKind::S, None),
    ] {
        aws.dynamodb.create_table(&TableSpec {
            name: name.to_owned(),
            partition: KeyAttribute { name: "pk".to_owned(), kind: KeyKind::S },
            sort: Some(KeyAttribute { name: "sk".to_owned(), kind }),
            stream,
            ttl: None,
        })?;
    }
    aws.kms.create_key(&KeySpec { id: KEY.to_owned(), usage: KeyUsage::Symmetric, alias: None })?;
    let config = sdk_config(OPERATOR, connector(Arc::clone(&aws), Arc::new(NoOutbound)), clock);
    let dynamodb = aws_sdk_dynamodb::Client::new(&config);
    let store = DynamoEventStore::new(dynamodb.clone(), "bench-ledger-events");
    let vault =
        KmsVault::new(dynamodb, aws_sdk_kms::Client::new(&config), "bench-vault-values", "bench-vault-keys", KEY);
    Ok(Bench { aws, streams: Streams::new(Arc::new(store), Arc::new(SdkClock::new(&config))), vault: Arc::new(vault) })
}

async fn measure<F>(bench: &Bench, name: &str, mut command: impl FnMut() -> F) -> Outcome<()>
where
    F: Future<Output = Outcome<()>>,
{
    bench.aws.dynamodb.reset_meter();
    let began = Instant::now();
    for _ in 0..ROUNDS {
        command().await?;
    }
    let seconds = began.elapsed();
    let spent = bench.aws.dynamodb.meter().by(OPERATOR);
    let a_second = u128::from(ROUNDS) * 1_000_000 / seconds.as_micros().max(1);
    println!("{name:<28} {a_second:>6} a second   {ROUNDS} commands: {spent}");
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome<()> {
    let bench = open()?;
    let cause = Cause::by(Actor::System("bench"));
    let customer = CustomerId::new(Uuid::new_v4());

    measure(&bench, "open five accounts", || async {
        Ok(open_accounts(&bench.streams, CustomerId::new(Uuid::new_v4()), &cause).await?)
    })
    .await?;
    open_accounts(&bench.streams, customer, &cause).await?;
    let reference = DepositReference::derive(&AccountId::new(customer, Asset::Gbp), 0).to_string();
    measure(&bench, "settle a deposit", || async { deposit(&bench, &reference, Uuid::new_v4(), &cause).await }).await?;
    let again = Uuid::new_v4();
    measure(&bench, "the same deposit again", || async { deposit(&bench, &reference, again, &cause).await }).await?;
    measure(&bench, "a deposit without an owner", || async { deposit(&bench, "rent", Uuid::new_v4(), &cause).await })
        .await?;
    Ok(())
}

async fn deposit(bench: &Bench, reference: &str, id: Uuid, cause: &Cause) -> Outcome<()> {
    let payment = BankPayment {
        operation: OperationId::new("clearbank".parse()?, id),
        amount: Money::new(Asset::Gbp, 1_000),
        direction: Direction::Credit,
        nature: Nature::Payment,
        remittance: SecretString::from(reference),
        payer: SecretString::from("{\"name\":\"Ada Example\"}"),
    };
    settle_deposit(&bench.streams, &bench.vault, &payment, cause).await?;
    Ok(())
}
