use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::testing::{
    account, any_account, any_reference, customer, email, operation, payer, position, survives_storage, week,
};

const SYMBOLS: &str = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

const CHECKSUMMED: &str = "0x52908400098527886E0F7030069857D2E4169EE7";

fn address() -> CryptoAddress {
    CryptoAddress::of(Asset::Eth, &CHECKSUMMED.parse().unwrap()).unwrap()
}

fn reference() -> DepositReference {
    DepositReference::derive(&account(1, Asset::Gbp), 0)
}

#[test]
fn each_id_names_its_stream() {
    let reference = reference();
    for (stream, kind, text) in [
        (StreamId::from(customer(1)), "customer", "customer#3f2b8c1e-5a77-4d09-9e10-000000000001"),
        (StreamId::from(account(1, Asset::Gbp)), "account", "account#3f2b8c1e-5a77-4d09-9e10-000000000001#GBP"),
        (StreamId::from(operation(1)), "op", "op#clearbank#d9162680-7d35-7994-4e38-000000000001"),
        (StreamId::from(&reference), "ref", &format!("ref#{reference}")),
        (StreamId::from(HolderId(customer(1))), "holder", "holder#3f2b8c1e-5a77-4d09-9e10-000000000001"),
        (StreamId::from(ApplicantId(customer(1))), "application", "application#3f2b8c1e-5a77-4d09-9e10-000000000001"),
        (StreamId::from(WorkflowRunId(customer(1).0)), "run", "run#3f2b8c1e-5a77-4d09-9e10-000000000001"),
        (StreamId::from(position(1)), "savings", "savings#3f2b8c1e-5a77-4d09-9e10-000000000001#usdc-savings"),
        (StreamId::from(address()), "addr", "addr#ETH#0x52908400098527886e0f7030069857d2e4169ee7"),
    ] {
        assert_eq!((stream.as_str(), stream.kind()), (text, kind));
        assert_eq!(text.parse(), Ok(stream));
    }
}

#[test]
fn each_stream_names_its_id() {
    assert_eq!(CustomerId::try_from(&StreamId::from(customer(1))), Ok(customer(1)));
    assert_eq!(AccountId::try_from(&StreamId::from(account(1, Asset::Eur))), Ok(account(1, Asset::Eur)));
    assert_eq!(OperationId::try_from(&StreamId::from(operation(1))), Ok(operation(1)));
    assert_eq!(DepositReference::try_from(&StreamId::from(reference())), Ok(reference()));
    assert_eq!(HolderId::try_from(&StreamId::from(HolderId(customer(1)))), Ok(HolderId(customer(1))));
    assert_eq!(PositionId::try_from(&StreamId::from(position(1))), Ok(position(1)));
    assert_eq!(CryptoAddress::try_from(&StreamId::from(address())), Ok(address()));
    assert!(HolderId::try_from(&StreamId::from(customer(1))).is_err());
    assert!(CustomerId::try_from(&StreamId::from(account(1, Asset::Eur))).is_err());
    assert!(AccountId::try_from(&StreamId::from(customer(1))).is_err());
}

#[test]
fn what_is_no_stream_id_is_refused() {
    for text in ["", "#", "op", "op#", "#x", "Op#x", "op#a b", "op#é", &format!("op#{}", "x".repeat(200))] {
        assert!(text.parse::<StreamId>().is_err(), "{text:?}");
    }
}

#[test]
fn what_is_no_id_is_refused_without_repeating_it() {
    let plain = customer(1).0.simple().to_string();
    for text in ["", "x", &plain, &format!("{{{}}}", customer(1)), &format!("urn:uuid:{}", customer(1))] {
        assert!(text.parse::<CustomerId>().is_err(), "{text:?}");
        assert!(format!("{text}#GBP").parse::<AccountId>().is_err(), "{text:?}");
        assert!(format!("clearbank#{text}").parse::<OperationId>().is_err(), "{text:?}");
    }
    let error = "jane@example.com".parse::<CustomerId>().unwrap_err();
    assert_eq!(error.to_string(), "not a valid customer id");
    for text in ["", "Clearbank", "clear bank", "a#b", "a/b", &"x".repeat(37)] {
        assert!(OperationOwner::try_new(text).is_err(), "{text:?}");
    }
}

#[test]
fn upper_case_ids_of_partners_are_the_same_ids() {
    let upper = format!("clearbank#{}", "d9162680-7d35-7994-4e38-000000000001".to_uppercase());
    assert_eq!(upper.parse(), Ok(operation(1)));
}

#[test]
fn a_vault_reference_names_a_subject_and_a_slot_and_nothing_personal() {
    assert_eq!(email(1).as_str(), "customer:3f2b8c1e-5a77-4d09-9e10-000000000001/email");
    assert_eq!(email(1).subject(), "customer:3f2b8c1e-5a77-4d09-9e10-000000000001");
    assert_eq!(email(1).slot(), "email");
    assert_eq!(payer(1).as_str(), "op:clearbank#d9162680-7d35-7994-4e38-000000000001/payer");
    for text in [
        "customer:jane@example.com/email",
        "customer:jane-doe/email",
        "customer:3f2b8c1e-5a77-4d09-9e10-000000000001",
        "customer:3f2b8c1e-5a77-4d09-9e10-000000000001/",
        "customer:3f2b8c1e-5a77-4d09-9e10-000000000001/Jane Doe",
        "customer:3F2B8C1E-5A77-4D09-9E10-000000000001/email",
        "customer:3f2b8c1e-5a77-4d09-9e10-000000000001/a/b",
        "op:Jane Doe#3f2b8c1e-5a77-4d09-9e10-000000000001/payer",
        "",
        "/",
    ] {
        assert!(text.parse::<VaultRef>().is_err(), "{text:?}");
    }
}

/// Streams of these kinds are named before their aggregates are known here.
#[test]
fn kinds_are_those_of_the_aggregates() {
    use crate::aggregate::Aggregate;
    assert_eq!(crate::onboarding::application::Application::KIND, "application");
    assert_eq!(crate::onboarding::run::IdentityRunClaim::KIND, "run");
}

#[test]
fn every_id_of_any_length_names_a_stream() {
    let longest = PositionId::new(customer(1), "x".repeat(32).parse().unwrap());
    assert!(StreamId::from(longest).as_str().parse::<StreamId>().is_ok());
    let longest = CryptoAddress::of(Asset::Usdc, &"x".repeat(100).parse().unwrap()).unwrap();
    assert!(StreamId::from(longest).as_str().parse::<StreamId>().is_ok());
    let longest = OperationId::new(customer(1).into(), customer(1).0);
    assert!(StreamId::from(longest).as_str().parse::<StreamId>().is_ok());
}

#[test]
fn one_address_has_one_id_however_it_is_spelt() {
    let id = |asset, text: &str| CryptoAddress::of(asset, &text.parse().unwrap()).unwrap();
    for spelt in [CHECKSUMMED.to_lowercase(), CHECKSUMMED.to_uppercase(), CHECKSUMMED.to_owned()] {
        assert_eq!(id(Asset::Eth, &spelt), address(), "{spelt}");
    }
    assert_ne!(id(Asset::Usdc, CHECKSUMMED), address(), "one address may take several assets");
    let bech32 = "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq";
    assert_eq!(id(Asset::Btc, &bech32.to_uppercase()), id(Asset::Btc, bech32));
    let (base58, other) = ("1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2", "1bVbmseySTwETQtfN5aU4M4gfG7XjAnvn2");
    assert_ne!(id(Asset::Btc, base58), id(Asset::Btc, other), "case matters here");
    assert!(CryptoAddress::of(Asset::Gbp, &base58.parse().unwrap()).is_err());
    assert!(format!("ETH#{CHECKSUMMED}").parse::<CryptoAddress>().is_err(), "an id has one text");
}

#[test]
fn what_is_no_product_address_or_custody_account_is_refused() {
    for text in ["", "USDC", "usdc savings", "usdc#savings", "usdc/savings", &"x".repeat(33)] {
        assert!(text.parse::<ProductId>().is_err(), "{text:?}");
    }
    for text in ["", "0x 1", "0x#1", "bitcoin:1", "é", &"x".repeat(101)] {
        assert!(text.parse::<ChainAddress>().is_err(), "{text:?}");
    }
    for text in ["", "a b", "a/b", "a#b", &"1".repeat(65)] {
        assert!(text.parse::<CustodyAccountId>().is_err(), "{text:?}");
    }
    for text in ["usdc-savings", "3f2b8c1e-5a77-4d09-9e10-000000000001", "x#usdc-savings", "#"] {
        assert!(text.parse::<PositionId>().is_err(), "{text:?}");
    }
}

/// These are on the books.
#[test]
fn the_payout_of_a_week_is_the_same_operation_for_ever() {
    let payout = OperationId::of_payout(&position(1), week("2026-W47"));
    assert_eq!(payout.to_string(), "yield#1b3a7dae-f56b-5511-b4af-d929bcaaaf6c");
    assert_ne!(payout, OperationId::of_payout(&position(1), week("2026-W48")));
    assert_ne!(payout, OperationId::of_payout(&position(2), week("2026-W47")));
}

#[test]
fn a_fingerprint_is_stored_in_hex() {
    let fingerprint = Fingerprint::of(b"");
    assert_eq!(fingerprint.to_string(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    assert!("e3b0".parse::<Fingerprint>().is_err());
}

#[test]
fn versions_count_from_nought() {
    assert_eq!((Version::FIRST, Version::FIRST.next()), (Version(0), Version(1)));
    assert_eq!(Version(u32::MAX).next(), Version(u32::MAX));
    assert_eq!(serde_json::to_string(&Version(7)).unwrap(), "7");
    assert_eq!("7".parse(), Ok(Version(7)));
}

/// Customers have these on paper: what an account's reference is must never change.
#[test]
fn references_of_today_are_references_for_ever() {
    let references = [0, 1].map(|salt| DepositReference::derive(&account(1, Asset::Gbp), salt).to_string());
    assert_eq!(references, ["GR9B0Y9SXZKM", "GRHPT0XNYCYE"]);
}

#[test]
fn a_reference_is_found_in_what_people_type() {
    let reference = reference();
    let text = reference.as_str();
    let (head, tail) = text.split_at(4);
    for typed in [
        text.to_owned(),
        text.to_lowercase(),
        format!("{head} {tail}"),
        format!("  {head}-{tail}  "),
        format!("{head}\u{2013}{tail}"),
        format!("Deposit ref: {text}, thank you"),
        format!("SAVINGS{text}JUNE"),
        format!("gr gr {}", text.to_lowercase()),
        format!("für Große Ausgaben {text}"),
    ] {
        assert_eq!(DepositReference::find_in(&typed).as_ref(), Some(&reference), "{typed:?}");
    }
}

#[test]
fn misread_letters_are_read_as_meant() {
    let reference = (0..)
        .map(|salt| DepositReference::derive(&account(1, Asset::Gbp), salt))
        .find(|reference| reference.as_str().contains('0') && reference.as_str().contains('1'))
        .unwrap();
    for one in ["I", "l", "i", "L"] {
        let typed = reference.as_str().replace('1', one).replace('0', "O");
        assert_eq!(DepositReference::find_in(&typed), Some(reference.clone()), "{typed}");
        assert!(typed.parse::<DepositReference>().is_err());
    }
}

#[test]
fn a_text_without_a_reference_has_none() {
    for text in ["", "GR", "rent for June", "51dcf7ba480e61c5a60bbb6c6b774d17", "GRGRGRGRGRGR GR"] {
        assert_eq!(DepositReference::find_in(text), None, "{text:?}");
    }
}

#[test]
fn a_chance_match_does_not_hide_the_real_reference() {
    let chance = DepositReference::derive(&account(2, Asset::Gbp), 0);
    let typed = format!("{chance} {}", reference());
    assert_eq!(DepositReference::candidates_in(&typed), [chance, reference()]);
}

#[test]
fn versions_are_numbers_from_zero() {
    let third = Version::FIRST.next().next();
    assert_eq!((third.number(), third.to_string().as_str()), (2, "2"));
    assert_eq!("2".parse(), Ok(third));
}

proptest! {
    #[test]
    fn every_text_of_an_id_reads_back(id in any::<u128>(), account in any_account(), owner in "[a-z0-9-]{1,36}") {
        let id = Uuid::from_u128(id);
        let operation = OperationId::new(OperationOwner::try_new(&owner).unwrap(), id);
        prop_assert_eq!(account.to_string().parse(), Ok(account.clone()));
        prop_assert_eq!(operation.to_string().parse(), Ok(operation.clone()));
        prop_assert!(survives_storage(&(account.customer, account.clone(), operation.clone())));
        prop_assert!(survives_storage(&(StreamId::from(&account), StreamId::from(&operation))));
        prop_assert!(survives_storage(&VaultRef::of_operation(&operation, "payer").unwrap()));
        prop_assert!(survives_storage(&Fingerprint::of(owner.as_bytes())));
        prop_assert!(survives_storage(&(ApplicationId(id), WorkflowRunId(id), HolderId(account.customer))));
        prop_assert!(survives_storage(&(ApplicantId(account.customer), position(3), address())));
    }

    #[test]
    fn reading_never_panics(text in any::<String>()) {
        let _ = text.parse::<CustomerId>();
        let _ = text.parse::<AccountId>();
        let _ = text.parse::<OperationId>();
        let _ = text.parse::<DepositReference>();
        let _ = text.parse::<VaultRef>();
        let _ = text.parse::<Fingerprint>();
        let _ = text.parse::<StreamId>();
        let _ = text.parse::<PositionId>();
        let _ = text.parse::<ChainAddress>().map(|address| CryptoAddress::of(Asset::Btc, &address));
        let _ = text.parse::<CryptoAddress>();
        let _ = text.parse::<CustodyAccountId>();
        let _ = DepositReference::find_in(&text);
    }

    #[test]
    fn a_derived_reference_is_valid_and_always_the_same(account in any_account(), salt in any::<u32>()) {
        let reference = DepositReference::derive(&account, salt);
        prop_assert_eq!(reference.as_str().len(), 12);
        prop_assert_eq!(reference.as_str().parse(), Ok(reference.clone()));
        prop_assert_eq!(DepositReference::derive(&account, salt), reference.clone());
        prop_assert_ne!(DepositReference::derive(&account, salt ^ 1), reference);
    }

    #[test]
    fn a_reference_is_found_in_decorated_text(
        reference in any_reference(),
        lower in any::<[bool; 12]>(),
        gaps in proptest::collection::vec(proptest::sample::select(vec!["", "", "", " ", "-", " - ", "\u{a0}", "\t"]), 12),
        // No G: nothing before the reference may begin like one.
        before in "([a-fh-zA-FH-Z0-9:,.äß]{0,9}[ -]){0,4}",
        after in "([ -][a-zA-Z0-9:,.äß]{0,9}){0,4}",
    ) {
        let letters = reference.as_str().chars().zip(lower).zip(gaps);
        let typed: String = letters
            .flat_map(|((letter, lower), gap)| {
                let letter = if lower { letter.to_ascii_lowercase() } else { letter };
                gap.chars().chain(std::iter::once(letter))
            })
            .collect();
        prop_assert_eq!(DepositReference::find_in(&format!("{before}{typed}{after}")), Some(reference));
    }

    #[test]
    fn whatever_stands_before_it_a_reference_is_a_candidate(reference in any_reference(), before in any::<String>()) {
        let typed = format!("{before}/{reference}");
        prop_assert!(DepositReference::candidates_in(&typed).contains(&reference));
    }

    #[test]
    fn a_single_changed_character_is_refused(reference in any_reference()) {
        for place in 0..reference.as_str().len() {
            for symbol in SYMBOLS.chars().chain(['U', 'u', '?', 'É']) {
                let mut letters: Vec<char> = reference.as_str().chars().collect();
                if letters[place] != symbol {
                    letters[place] = symbol;
                    let changed: String = letters.into_iter().collect();
                    prop_assert!(changed.parse::<DepositReference>().is_err(), "{}", changed);
                    prop_assert_eq!(DepositReference::find_in(&changed), None, "{}", changed);
                }
            }
        }
    }

    #[test]
    fn two_characters_that_changed_places_are_refused(reference in any_reference(), a in 2_usize..12, b in 2_usize..12) {
        let mut letters: Vec<char> = reference.as_str().chars().collect();
        letters.swap(a, b);
        let swapped: String = letters.into_iter().collect();
        prop_assert!(swapped == reference.as_str() || swapped.parse::<DepositReference>().is_err());
    }
}
