//! What a customer's commands cost all over the bank.

use granary::services::{Capacity, Units};

use crate::support::Bank;

/// Runs one command to its end and prints what each function consumed for it.
async fn measured<T>(bank: &Bank, command: &str, run: impl Future<Output = T>) -> T {
    let dynamodb = &bank.local.aws().dynamodb;
    dynamodb.reset_meter();
    let outcome = run.await;
    bank.settle().await;
    for ((who, operation), units) in &dynamodb.meter().units {
        println!("{command}: {who} {operation}: {units}");
    }
    outcome
}

fn units(calls: u64, read: u64, write: u64) -> Units {
    Units { calls, read: Capacity::units(read), write: Capacity::units(write) }
}

#[tokio::test]
async fn a_deposit_through_the_whole_bank_keeps_to_its_commits_of_a_kilobyte() {
    let bank = Bank::open().await;
    let ada = measured(&bank, "sign-up", bank.customer("ada@example.com")).await;
    let reference = bank.reference(&ada, "GBP").await;
    measured(&bank, "first deposit", bank.pay(&reference, "GBP", "1.00")).await;
    measured(&bank, "deposit", bank.pay(&reference, "GBP", "1234567.89")).await;

    let meter = bank.local.aws().dynamodb.meter();
    // The operation, the reference's claim, the customer's controls and the account; two commits of up to 1,024 bytes and the
    // checks of claim and controls. Of what is not there half a unit is read, and the capacity of a check is that of a write.
    assert_eq!(meter.of("SettleDeposit", "Query"), units(4, 4, 0));
    assert_eq!(meter.of("SettleDeposit", "TransactWriteItems"), units(1, 0, 8));
    // The payer's details in the vault, under a key that is there by now.
    assert_eq!(meter.of("SettleDeposit", "GetItem"), units(1, 1, 0));
    assert_eq!(meter.of("SettleDeposit", "PutItem"), units(1, 0, 1));
    assert_eq!(meter.by("SettleDeposit"), units(7, 5, 9));

    for item in bank.items("LedgerEvents").await {
        let (stream, body, state) = (item["pk"].as_s().unwrap(), item["c"].as_s().unwrap(), item["s"].as_s().unwrap());
        // Names, key, numbers and hash take less than what is allowed for here.
        let bytes = stream.len() + body.len() + state.len() + 64;
        println!("{} version {}: at most {bytes} bytes", stream, item["sk"].as_n().unwrap());
        assert!(bytes <= 1_024, "{stream} has {bytes} bytes");
    }

    let query = "{ viewer { account(asset: \"GBP\") { available { amount } } } }";
    measured(&bank, "balance", bank.graphql(&ada, query)).await;
    let meter = bank.local.aws().dynamodb.meter();
    assert_eq!(meter.by("Graphql").write, Capacity::default(), "a query writes nothing");
}
