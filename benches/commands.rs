//! Commands a second on the local bank, with the capacity units that each costs, and what interest costs to compute: `make bench`.
//!
//! The event store runs its production code through the real SDK; the engine beneath is the embedded one, in memory.

use std::{error::Error, future::Future, hint::black_box, sync::Arc, time::Instant};

use app::{
    commit::{Actor, Cause},
    ledger::{
        BankPayment, CryptoDeposit, Nature, SavingsMove, claim_addresses, open_accounts, save_to_savings,
        settle_crypto_deposit, settle_deposit,
    },
    ports::Vault,
    streams::Streams,
};
use aws::{DynamoEventStore, KmsVault, SdkClock};
use domain::{
    aggregate::fold,
    ids::{AccountId, ChainAddress, CustomerId, DepositReference, OperationId, PositionId},
    ledger::{
        deposit::Direction,
        product,
        savings::{self, Savings, SavingsCommand, SavingsOrder, SavingsState},
    },
};
use granary::{
    engine::{Engine, clock::RealClock},
    services::{
        AllowAll, Aws, KeyAttribute, KeyKind, KeySpec, KeyUsage, NoOutbound, OPERATOR, StreamView, TableSpec,
        connector, sdk_config,
    },
};
use money::{Asset, BusinessDate, Money};
use secrecy::SecretString;
use uuid::Uuid;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// How often each command is measured.
const ROUNDS: u32 = 500;
/// How many positions are read.
const POSITIONS: u32 = 1_000_000;
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
    let dollars = deposit_address(&bench, customer, &cause).await?;
    measure(&bench, "settle a deposit on a chain", || async { chain_deposit(&bench, &dollars, &cause).await }).await?;
    measure(&bench, "save", || async { save(&bench, customer, &cause).await }).await?;
    accrual()
}

/// What one position costs that is read at some moment: how a million of them are, in one go.
fn accrual() -> Outcome<()> {
    let product = product::find(&"usdc-savings".parse()?)?;
    let id = PositionId::new(CustomerId::new(Uuid::new_v4()), product.id.clone());
    let (first, later): (BusinessDate, BusinessDate) = ("2026-11-16".parse()?, "2026-11-29".parse()?);
    let put = SavingsCommand {
        today: first,
        rates: product.rates.clone(),
        order: SavingsOrder::Put {
            position: id.clone(),
            operation: OperationId::new("bench".parse()?, Uuid::new_v4()),
            amount: Money::new(product.asset, 1_000_000_000),
        },
    };
    let events = savings::decide(&SavingsState::NotOpen, &put)?;
    let state = fold::<Savings>(&events);
    let position = state.open().ok_or("the position is open")?;
    for (name, today) in [("accrue within a week", first.plus_days(5)), ("accrue and close a week", later)] {
        let began = Instant::now();
        for _ in 0..POSITIONS {
            black_box(black_box(position).read(black_box(today), black_box(&product.rates))?);
        }
        println!("{name:<28} {:>6} nanoseconds a position", began.elapsed().as_nanos() / u128::from(POSITIONS));
    }
    Ok(())
}

/// Gives a customer an address, and answers it.
async fn deposit_address(bench: &Bench, customer: CustomerId, cause: &Cause) -> Outcome<ChainAddress> {
    let address: ChainAddress = format!("0x{}", customer.0.simple()).parse()?;
    let addresses = [(Asset::Usdc, address.clone())].into();
    claim_addresses(&bench.streams, customer, &"1".parse()?, &addresses, cause).await?;
    Ok(address)
}

async fn chain_deposit(bench: &Bench, address: &ChainAddress, cause: &Cause) -> Outcome<()> {
    let deposit = CryptoDeposit {
        operation: OperationId::new("fireblocks".parse()?, Uuid::new_v4()),
        amount: Money::new(Asset::Usdc, 1_000_000_000),
        direction: Direction::Credit,
        address: address.to_string(),
        origin: SecretString::from("{}"),
    };
    settle_crypto_deposit(&bench.streams, &bench.vault, &deposit, cause).await?;
    Ok(())
}

async fn save(bench: &Bench, customer: CustomerId, cause: &Cause) -> Outcome<()> {
    let request = SavingsMove {
        customer,
        operation: Uuid::new_v4(),
        product: "usdc-savings".parse()?,
        amount: Money::new(Asset::Usdc, 1),
    };
    save_to_savings(&bench.streams, &request, cause).await?;
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
