//! What a transaction at the custodian is to us.

use app::ports::{CustodyStatus, CustodyTransaction};
use domain::ledger::custody::confirmations;
use money::Money;

/// What is to be done about a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Nothing, for this reason.
    Nothing(&'static str),
    /// Somebody has sent us what we have no account for.
    UnknownAsset,
    /// Show that it is on its way.
    Note(Money),
    /// Show that it is on its way, and look again by ourselves: no further news is to be expected.
    Wait(Money),
    /// Book it.
    Settle(Money),
    /// Take back what was shown.
    Fail(Money),
}

/// Decides it.
pub(crate) fn verdict(transaction: &CustodyTransaction) -> Verdict {
    if !transaction.incoming {
        return Verdict::Nothing("not from outside into an account of ours");
    }
    let Some(amount) = transaction.amount else {
        return match transaction.status {
            CustodyStatus::Completed => Verdict::UnknownAsset,
            CustodyStatus::Pending | CustodyStatus::Failed => Verdict::Nothing("an unknown asset, and not final"),
        };
    };
    if amount.is_zero() {
        return Verdict::Nothing("of nothing"); // Anybody can make a token move nothing, to be seen in a history.
    }
    match transaction.status {
        CustodyStatus::Pending if transaction.address.is_empty() => Verdict::Nothing("not addressed yet"),
        CustodyStatus::Pending => Verdict::Note(amount),
        CustodyStatus::Completed if transaction.confirmations < confirmations(amount.asset()) => Verdict::Wait(amount),
        CustodyStatus::Completed => Verdict::Settle(amount),
        CustodyStatus::Failed => Verdict::Fail(amount),
    }
}

#[cfg(test)]
mod tests {
    use money::Asset;
    use secrecy::SecretString;
    use uuid::Uuid;

    use super::*;

    fn deposit(status: CustodyStatus, confirmations: u32) -> CustodyTransaction {
        CustodyTransaction {
            id: Uuid::nil(),
            amount: Some(some()),
            custodian_asset: "BTC".to_owned(),
            incoming: true,
            address: "bc1q".to_owned(),
            origin: SecretString::from("{}"),
            status,
            confirmations,
        }
    }

    fn some() -> Money {
        Money::new(Asset::Btc, 50_000_000)
    }

    #[test]
    fn a_deposit_is_shown_at_once_and_booked_when_it_is_deep_enough() {
        assert_eq!(verdict(&deposit(CustodyStatus::Pending, 0)), Verdict::Note(some()));
        assert_eq!(verdict(&deposit(CustodyStatus::Pending, 99)), Verdict::Note(some()));
        assert_eq!(verdict(&deposit(CustodyStatus::Completed, 2)), Verdict::Wait(some()));
        assert_eq!(verdict(&deposit(CustodyStatus::Completed, 3)), Verdict::Settle(some()));
        assert_eq!(verdict(&deposit(CustodyStatus::Failed, 0)), Verdict::Fail(some()));
    }

    #[test]
    fn what_does_not_come_from_outside_is_nothing() {
        for status in [CustodyStatus::Pending, CustodyStatus::Completed, CustodyStatus::Failed] {
            let ours = CustodyTransaction { incoming: false, ..deposit(status, 99) };
            assert!(matches!(verdict(&ours), Verdict::Nothing(_)));
        }
    }

    #[test]
    fn an_asset_that_we_do_not_keep_needs_a_person_once_it_is_here() {
        let unknown = |status| CustodyTransaction { amount: None, ..deposit(status, 99) };
        assert_eq!(verdict(&unknown(CustodyStatus::Completed)), Verdict::UnknownAsset);
        assert!(matches!(verdict(&unknown(CustodyStatus::Pending)), Verdict::Nothing(_)));
        assert!(matches!(verdict(&unknown(CustodyStatus::Failed)), Verdict::Nothing(_)));
    }

    #[test]
    fn a_transfer_of_nothing_is_nothing() {
        let nothing =
            CustodyTransaction { amount: Some(Money::zero(Asset::Usdc)), ..deposit(CustodyStatus::Completed, 99) };
        assert!(matches!(verdict(&nothing), Verdict::Nothing(_)));
    }

    #[test]
    fn what_is_not_addressed_yet_is_shown_to_nobody() {
        let early = CustodyTransaction { address: String::new(), ..deposit(CustodyStatus::Pending, 0) };
        assert!(matches!(verdict(&early), Verdict::Nothing(_)));
    }
}
