use proptest::prelude::*;

use super::*;
use crate::testing::{
    account, any_asset, any_money, eur, gbp, position, some_account, some_position, survives_storage,
};

fn customer(amount: Money) -> Posting {
    Posting::new(LedgerAccount::Customer(account(1, amount.asset())), amount)
}

fn settlement(amount: Money) -> Posting {
    Posting::new(LedgerAccount::Internal(InternalAccount::BankSettlement, amount.asset()), amount)
}

#[test]
fn an_entry_that_adds_up_to_nothing_is_taken() {
    let postings = vec![customer(gbp(100)), settlement(gbp(-100))];
    assert_eq!(JournalEntry::balanced(postings.clone()).unwrap().postings(), postings);
}

#[test]
fn each_asset_adds_up_by_itself() {
    let postings = vec![customer(gbp(100)), settlement(gbp(-100)), customer(eur(-7)), settlement(eur(7))];
    assert!(JournalEntry::balanced(postings).is_ok());
    let across = vec![customer(gbp(100)), settlement(eur(-100))];
    assert_eq!(JournalEntry::balanced(across), Err(JournalError::Unbalanced { off_by: gbp(100) }));
}

#[test]
fn an_entry_has_two_postings_of_something() {
    assert_eq!(JournalEntry::balanced(vec![]), Err(JournalError::TooFewPostings));
    assert_eq!(JournalEntry::balanced(vec![customer(gbp(1))]), Err(JournalError::TooFewPostings));
    let zeros = vec![customer(gbp(0)), settlement(gbp(0))];
    assert_eq!(JournalEntry::balanced(zeros), Err(JournalError::ZeroPosting));
}

#[test]
fn an_account_is_posted_to_in_its_own_asset() {
    let pounds_to_euros = Posting::new(LedgerAccount::Customer(account(1, Asset::Eur)), gbp(100));
    assert_eq!(
        JournalEntry::balanced(vec![pounds_to_euros, settlement(gbp(-100))]),
        Err(JournalError::WrongAsset { held: Asset::Eur, given: Asset::Gbp })
    );
}

#[test]
fn sums_that_do_not_fit_are_refused() {
    let postings = vec![customer(gbp(i128::MAX)), customer(gbp(1)), settlement(gbp(i128::MIN))];
    assert_eq!(JournalEntry::balanced(postings), Err(JournalError::Money(MoneyError::Overflow)));
}

#[test]
fn an_entry_is_stored_as_pairs() {
    let entry = JournalEntry::balanced(vec![customer(gbp(100_000)), settlement(gbp(-100_000))]).unwrap();
    let expected = serde_json::json!([
        ["customer:3f2b8c1e-5a77-4d09-9e10-000000000001#GBP", "GBP 100000"],
        ["internal:bank-settlement#GBP", "GBP -100000"],
    ]);
    assert_eq!(serde_json::to_value(&entry).unwrap(), expected);
    assert_eq!(serde_json::from_value::<JournalEntry>(expected).unwrap(), entry);
}

#[test]
fn a_stored_entry_that_does_not_add_up_is_not_read() {
    for stored in [
        r#"[]"#,
        r#"[["internal:suspense#GBP","GBP 1"],["internal:bank-settlement#GBP","GBP -2"]]"#,
        r#"[["internal:suspense#GBP","GBP 0"],["internal:bank-settlement#GBP","GBP 0"]]"#,
        r#"[["internal:suspense#EUR","GBP 1"],["internal:bank-settlement#GBP","GBP -1"]]"#,
    ] {
        assert!(serde_json::from_str::<JournalEntry>(stored).is_err(), "{stored}");
    }
}

#[test]
fn a_ledger_account_has_one_text() {
    for account in [
        LedgerAccount::Customer(account(1, Asset::Usdc)),
        LedgerAccount::Savings(position(1), Asset::Usdc),
        LedgerAccount::Internal(InternalAccount::BankSettlement, Asset::Gbp),
        LedgerAccount::Internal(InternalAccount::Suspense, Asset::Eth),
    ] {
        assert_eq!(account.to_string().parse(), Ok(account));
    }
    let savings = "savings:3f2b8c1e-5a77-4d09-9e10-000000000001#usdc-savings#USDC";
    assert_eq!(LedgerAccount::Savings(position(1), Asset::Usdc).to_string(), savings);
    for text in [
        "",
        "customer:",
        "internal:suspense",
        "internal:#GBP",
        "internal:fees#GBP",
        "internal:suspense#XYZ",
        "x:y#GBP",
        "savings:",
        "savings:#USDC",
        "savings:3f2b8c1e-5a77-4d09-9e10-000000000001#USDC",
        "savings:a#b#c",
    ] {
        assert!(text.parse::<LedgerAccount>().is_err(), "{text:?}");
    }
}

#[test]
fn a_transfer_takes_from_one_what_it_gives_to_the_other() {
    let (from, to) = (settlement(gbp(0)).ledger, customer(gbp(0)).ledger);
    let entry = JournalEntry::transfer(from.clone(), to.clone(), gbp(5)).unwrap();
    assert_eq!(entry.postings(), [Posting::new(to.clone(), gbp(5)), Posting::new(from.clone(), gbp(-5))]);
    assert_eq!(JournalEntry::transfer(from.clone(), to.clone(), gbp(0)), Err(JournalError::ZeroPosting));
    let wrong = JournalError::WrongAsset { held: Asset::Gbp, given: Asset::Eur };
    assert_eq!(JournalEntry::transfer(from, to, eur(5)), Err(wrong));
}

#[test]
fn each_asset_is_kept_at_the_bank_or_at_the_custodian() {
    let kept = Asset::ALL.map(|asset| InternalAccount::that_keeps(asset).code());
    assert_eq!(kept, ["bank-settlement", "bank-settlement", "custody-hot", "custody-hot", "custody-hot"]);
}

fn any_ledger_account() -> impl Strategy<Value = LedgerAccount> {
    let internal = proptest::sample::select(InternalAccount::ALL.to_vec());
    prop_oneof![
        some_account().prop_map(LedgerAccount::Customer),
        (some_position(), any_asset()).prop_map(|(position, asset)| LedgerAccount::Savings(position, asset)),
        (internal, any_asset()).prop_map(|(account, asset)| LedgerAccount::Internal(account, asset)),
    ]
}

/// Any postings, each in the asset of its account most of the time.
fn any_postings() -> impl Strategy<Value = Vec<Posting>> {
    let posting = (any_ledger_account(), any_money(), 0_u8..10).prop_map(|(ledger, amount, odd)| {
        let amount = if odd == 0 { amount } else { Money::new(ledger.asset(), amount.units()) };
        Posting::new(ledger, amount)
    });
    proptest::collection::vec(posting, 0..6)
}

/// The posting that each asset lacks for a sum of nothing, if it can be written.
fn completed(mut postings: Vec<Posting>) -> Option<Vec<Posting>> {
    postings.retain(|posting| !posting.amount.is_zero() && posting.ledger.asset() == posting.amount.asset());
    for asset in Asset::ALL {
        let of_asset = postings.iter().map(|posting| posting.amount).filter(|amount| amount.asset() == asset);
        let sum = of_asset.map(Money::units).try_fold(0_i128, i128::checked_add)?;
        if sum != 0 {
            postings.push(settlement(Money::new(asset, sum.checked_neg()?)));
        }
    }
    (postings.len() >= 2).then_some(postings)
}

fn sums_are_zero(entry: &JournalEntry) -> bool {
    Asset::ALL.into_iter().all(|asset| {
        let of_asset = entry.postings().iter().map(|posting| posting.amount).filter(|amount| amount.asset() == asset);
        of_asset.map(Money::units).sum::<i128>() == 0
    })
}

proptest! {
    #[test]
    fn whatever_is_an_entry_adds_up_to_nothing(postings in any_postings()) {
        if let Ok(entry) = JournalEntry::balanced(postings) {
            prop_assert!(sums_are_zero(&entry));
        }
    }

    #[test]
    fn whatever_adds_up_is_an_entry_and_survives_storage(postings in any_postings()) {
        if let Some(postings) = completed(postings) {
            let entry = JournalEntry::balanced(postings).unwrap();
            prop_assert!(sums_are_zero(&entry));
            prop_assert!(survives_storage(&entry));
        }
    }

    #[test]
    fn one_unit_less_anywhere_is_refused(postings in any_postings(), place in any::<proptest::sample::Index>()) {
        if let Some(mut postings) = completed(postings) {
            let changed = place.get(&postings).amount;
            let less = Money::new(changed.asset(), changed.units().saturating_sub(1));
            prop_assume!(less != changed && !less.is_zero());
            let index = place.index(postings.len());
            postings[index].amount = less;
            prop_assert!(JournalEntry::balanced(postings.clone()).is_err());
            let stored = serde_json::to_string(&postings).unwrap();
            prop_assert!(serde_json::from_str::<JournalEntry>(&stored).is_err());
        }
    }
}
