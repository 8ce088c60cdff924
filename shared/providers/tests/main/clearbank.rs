//! What the simulated partner signs must verify and parse here, by code that it does not share.

use std::sync::OnceLock;

use domain::error::Classify as _;
use money::{Asset, Money};
use proptest::prelude::*;
use providers::clearbank::{
    Direction, Event, KeyError, Keys, SignatureError, Webhook, WebhookError, WebhookKind, reply_body,
};
use secrecy::ExposeSecret as _;
use simulators::clearbank::{self, Bank, Form, Payment};

const SETTLED: &str = include_str!("../../../../events/samples/providers/clearbank-transaction-settled-v6.json");
const SEPA: &str = include_str!("../../../../events/samples/providers/clearbank-sepa-instant-inbound-settled-v1.json");
const CREDIT_TRANSFER: &str =
    include_str!("../../../../events/samples/providers/clearbank-sepa-ct-inbound-payment-completed-v1.json");
const TEST: &str = include_str!("../../../../events/samples/providers/clearbank-fi-test-event-v1.json");

/// One bank for all tests: a key takes a moment to make.
fn bank() -> &'static Bank {
    static BANK: OnceLock<Bank> = OnceLock::new();
    BANK.get_or_init(|| Bank::open(None).unwrap())
}

fn keys() -> Keys {
    Keys::from_pem(bank().public_key_pem()).unwrap()
}

fn refused(body: &str) -> WebhookError {
    Webhook::parse(body.as_bytes()).unwrap_err()
}

fn with_amount(amount: &str) -> String {
    let body = SETTLED.replacen("\"Amount\": 1000.00", &format!("\"Amount\": {amount}"), 1);
    assert!(amount == "1000.00" || body != SETTLED);
    body
}

#[test]
fn what_the_partner_signs_verifies_and_parses() {
    let payment = Payment::credit("GBP", "1000.00", "GR-123");
    let body = payment.webhook_body(1_700_000_000_123, 4_242).unwrap();
    keys().verify(&body, &bank().sign(&body).unwrap()).unwrap();
    let webhook = Webhook::parse(&body).unwrap();
    assert_eq!(webhook.kind, WebhookKind::TransactionSettled);
    assert_eq!(reply_body(&webhook.nonce), b"{\"Nonce\":4242}");
    let read = webhook.payment().unwrap();
    assert_eq!(read.transaction_id, payment.transaction_id);
    assert_eq!(read.amount, Money::new(Asset::Gbp, 100_000));
    assert_eq!(read.direction, Direction::Credit);
    assert_eq!(read.reference.as_ref().map(|it| it.expose_secret()), Some("GR-123"));
    assert!(!read.is_return);
}

#[test]
fn a_simulated_euro_payment_and_a_debit_parse() {
    let euros = Payment::credit("EUR", "0.01", "GR-123").webhook_body(0, 1).unwrap();
    let webhook = Webhook::parse(&euros).unwrap();
    assert_eq!(webhook.kind, WebhookKind::SepaInstantInboundSettled);
    assert_eq!(webhook.payment().unwrap().amount, Money::new(Asset::Eur, 1));
    let debit = Payment { direction: clearbank::Direction::Debit, ..Payment::credit("GBP", "2.50", "x") };
    let webhook = Webhook::parse(&debit.webhook_body(0, 1).unwrap()).unwrap();
    assert_eq!(webhook.payment().unwrap().direction, Direction::Debit);
}

#[test]
fn a_simulated_credit_transfer_parses() {
    let payment = Payment { form: Form::SepaCreditTransfer, ..Payment::credit("EUR", "1000.10", "GR-123") };
    let body = payment.webhook_body(0, 4_242).unwrap();
    keys().verify(&body, &bank().sign(&body).unwrap()).unwrap();
    let webhook = Webhook::parse(&body).unwrap();
    assert_eq!(webhook.kind, WebhookKind::SepaCreditTransferInboundCompleted);
    assert_eq!(reply_body(&webhook.nonce), b"{\"Nonce\":4242}");
    let read = webhook.payment().unwrap();
    assert_eq!(read.transaction_id, payment.transaction_id);
    assert_eq!(read.amount, Money::new(Asset::Eur, 100_010));
    assert_eq!((read.direction, read.is_return), (Direction::Credit, false));
    assert_eq!(read.reference.as_ref().map(|it| it.expose_secret()), Some("GR-123"));
}

#[test]
fn a_payment_of_ours_that_comes_back_says_so() {
    let returned = Payment { is_return: true, ..Payment::credit("GBP", "2.50", "x") };
    let webhook = Webhook::parse(&returned.webhook_body(0, 1).unwrap()).unwrap();
    let read = webhook.payment().unwrap();
    assert_eq!((read.direction, read.is_return), (Direction::Credit, true));
    let unsaid = Webhook::parse(SETTLED.replace("\"IsReturn\": false,", "").as_bytes()).unwrap();
    assert!(!unsaid.payment().unwrap().is_return);
}

#[test]
fn any_altered_byte_breaks_the_signature() {
    let body = Payment::credit("GBP", "1000.00", "GR-123").webhook_body(0, 1).unwrap();
    let signature = bank().sign(&body).unwrap();
    let keys = keys();
    for at in 0..body.len() {
        let mut altered = body.clone();
        altered[at] ^= 1;
        assert_eq!(keys.verify(&altered, &signature), Err(SignatureError::Mismatch), "byte {at}");
    }
    let longer = [body.as_slice(), b" "].concat();
    assert_eq!(keys.verify(&longer, &signature), Err(SignatureError::Mismatch));
}

#[test]
fn a_missing_garbled_or_foreign_signature_is_refused() {
    let body = b"{}";
    let signature = bank().sign(body).unwrap();
    let keys = keys();
    assert_eq!(keys.verify(body, ""), Err(SignatureError::Missing));
    assert_eq!(keys.verify(body, "  "), Err(SignatureError::Missing));
    assert_eq!(keys.verify(body, "not base64!"), Err(SignatureError::NotBase64));
    assert_eq!(keys.verify(body, &signature[..signature.len() - 4]), Err(SignatureError::Mismatch));
    assert_eq!(keys.verify(body, "AAAA"), Err(SignatureError::Mismatch));
    let stranger = Bank::open(None).unwrap();
    assert_eq!(keys.verify(body, &stranger.sign(body).unwrap()), Err(SignatureError::Mismatch));
    assert_eq!(SignatureError::Mismatch.code(), "SIGNATURE_MISMATCH");
}

#[test]
fn while_keys_rotate_either_of_them_counts() {
    let (old, new) = (Bank::open(None).unwrap(), bank());
    let keys = Keys::from_pem(&format!("old\n{}new\n{}", old.public_key_pem(), new.public_key_pem())).unwrap();
    keys.verify(b"x", &old.sign(b"x").unwrap()).unwrap();
    keys.verify(b"x", &new.sign(b"x").unwrap()).unwrap();
}

#[test]
fn keys_that_lost_their_line_breaks_are_still_read_and_what_is_no_key_is_refused() {
    let on_one_line = bank().public_key_pem().replace('\n', " ");
    Keys::from_pem(&on_one_line).unwrap().verify(b"x", &bank().sign(b"x").unwrap()).unwrap();
    // A real P-256 key: the right armour, the wrong algorithm.
    let elliptic = "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEaxfR8uEsQkf4vOblY6RA8ncDfYEt\n6zOg9KE5RdiYwpZP40Li/hp/m47n60p8D54WK84zV2sxXs7LtkBoN79R9Q==\n-----END PUBLIC KEY-----";
    for (text, error) in [
        ("", KeyError::NoKey),
        (bank().private_key_pem(), KeyError::NoKey),
        ("-----BEGIN PUBLIC KEY-----\nAAAA", KeyError::Unclosed),
        ("-----BEGIN PUBLIC KEY-----\n*\n-----END PUBLIC KEY-----", KeyError::NotBase64),
        ("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----", KeyError::NotRsa),
        (elliptic, KeyError::NotRsa),
    ] {
        assert_eq!(Keys::from_pem(text).err(), Some(error));
    }
}

#[test]
fn the_documented_samples_parse() {
    let settled = Webhook::parse(SETTLED.as_bytes()).unwrap();
    let payment = settled.payment().unwrap();
    assert_eq!(payment.transaction_id.to_string(), "3f2504e0-4f89-41d3-9a0c-0305e82c3301");
    assert_eq!(payment.amount.to_decimal_string(), "1000.00");
    assert_eq!(settled.nonce.as_str(), "949893874");
    assert_eq!(
        payment.payer.to_vault_json().expose_secret(),
        "{\"bban\":\"BUKB20201555555555\",\"iban\":\"GB33BUKB20201555555555\",\"institution\":\"Example Bank\",\
         \"name\":\"ADA EXAMPLE\",\"reference\":\"GR-SAMPLE-0001\"}"
    );
    let sepa = Webhook::parse(SEPA.as_bytes()).unwrap();
    assert_eq!(sepa.payment().unwrap().amount, Money::new(Asset::Eur, 25_040));
    let credit_transfer = Webhook::parse(CREDIT_TRANSFER.as_bytes()).unwrap();
    let payment = credit_transfer.payment().unwrap();
    assert_eq!(payment.transaction_id.to_string(), "e3a9c5d8-42f1-4b07-b6de-9f5a7c1803b2");
    assert_eq!(payment.amount, Money::new(Asset::Eur, 7_550));
    assert_eq!(
        payment.payer.to_vault_json().expose_secret(),
        "{\"iban\":\"DE89370400440532013000\",\"name\":\"Grace Example\",\"reference\":\"GR-SAMPLE-0003\"}"
    );
    let test = Webhook::parse(TEST.as_bytes()).unwrap();
    assert!(matches!(test.event, Event::Test));
    assert!(test.payment().is_none());
}

#[test]
fn nothing_personal_is_ever_printed() {
    for sample in [SETTLED, SEPA, CREDIT_TRANSFER] {
        let webhook = Webhook::parse(sample.as_bytes()).unwrap();
        let printed = format!("{webhook:?} {:?}", webhook.payment());
        for personal in ["ADA", "Grace", "GB33", "BUKB", "DE89", "Example Bank", "GR-SAMPLE"] {
            assert!(!printed.contains(personal), "{personal} in {printed}");
        }
    }
    let error = refused(&SETTLED.replace("\"Credit\"", "\"ADA EXAMPLE\""));
    assert!(!format!("{error} {error:?}").contains("ADA"));
}

#[test]
fn a_currency_is_pounds_by_default_and_must_be_one_that_a_bank_settles() {
    let amount = |body: &str| Webhook::parse(body.as_bytes()).unwrap().payment().unwrap().amount;
    assert_eq!(amount(&SETTLED.replace("\"CurrencyCode\": \"GBP\",", "")), Money::new(Asset::Gbp, 100_000));
    assert_eq!(amount(&SETTLED.replace("\"GBP\"", "\"EUR\"")), Money::new(Asset::Eur, 100_000));
    for code in ["USD", "gbp", "BTC", ""] {
        let body = SETTLED.replace("\"GBP\"", &format!("\"{code}\""));
        assert_eq!(refused(&body), WebhookError::UnknownCurrency, "{code}");
    }
    assert_eq!(refused(&CREDIT_TRANSFER.replace("\"EUR\"", "\"USD\"")), WebhookError::UnknownCurrency);
}

#[test]
fn another_version_of_a_payment_is_refused_and_another_type_is_let_be() {
    for (sample, version, other) in [(SETTLED, 6, 5), (SETTLED, 6, 7), (SEPA, 1, 2), (CREDIT_TRANSFER, 1, 2)] {
        let body = sample.replace(&format!("\"Version\": {version}"), &format!("\"Version\": {other}"));
        assert_eq!(refused(&body).code(), "UNSUPPORTED_VERSION");
    }
    let body = r#"{"Type":"VirtualAccountCreated","Version":3,"Payload":{"x":[1]},"Nonce":5}"#;
    let webhook = Webhook::parse(body.as_bytes()).unwrap();
    assert!(matches!(webhook.event, Event::Other { ref kind, version: 3 } if kind == "VirtualAccountCreated"));
}

#[test]
fn what_is_not_the_documented_shape_is_malformed() {
    let without_nonce = SETTLED.replace("\"Nonce\": 949893874", "\"None\": 1");
    let twice = SETTLED.replacen("\"Status\"", "\"Amount\": 5, \"Status\"", 1);
    for body in [
        "",
        "null",
        "[]",
        "{",
        "\u{feff}{}",
        &without_nonce,
        &twice, // Two amounts: whoever reads the first and whoever reads the last would disagree.
        &SETTLED.replace("949893874", "\"949893874\""),
        &SETTLED.replace("949893874", "9.5"),
        &SETTLED.replace("949893874", "1e3"),
        &SETTLED.replace("949893874", "123456789012345678901"),
        &SETTLED.replace("\"Version\": 6", "\"Version\": \"6\""),
        &SETTLED.replace("\"Settled\"", "\"Pending\""),
        &SETTLED.replace("\"Credit\"", "\"credit\""),
        &SETTLED.replace("3F2504E0-4F89-41D3-9A0C-0305E82C3301", "17"),
        &with_amount("\"1000.00\""),
        &with_amount("1e3"),
        &with_amount("1E-2"),
        &with_amount("100000000000000000000000000000000000000.00"),
        &with_amount("null"),
        &with_amount("[1]"),
        &SEPA.replace("\"DebtorName\"", "\"Name\""),
        &CREDIT_TRANSFER.replace("\"Debtor\"", "\"Payer\""),
        &CREDIT_TRANSFER.replace("\"DebtorAccount\"", "\"Account\""),
        &CREDIT_TRANSFER.replace("\"TransactionId\"", "\"Id\""),
        &CREDIT_TRANSFER.replace("75.5", "\"75.5\""),
        &CREDIT_TRANSFER.replace("\"EUR\"", "\"GBP\""), // The scheme moves euros only.
    ] {
        assert_eq!(refused(body).code(), "MALFORMED", "{body}");
    }
    assert_eq!(Webhook::parse(&[0xff, 0xfe]).unwrap_err(), WebhookError::Malformed { part: "body" });
    let deep = format!("{{\"Type\":\"X\",\"Version\":1,\"Payload\":{},\"Nonce\":1}}", "[".repeat(200_000));
    assert_eq!(refused(&deep).code(), "MALFORMED");
}

#[test]
fn a_payment_of_nothing_is_refused() {
    for amount in ["0", "0.00", "-0", "-0.01", "-1000"] {
        assert_eq!(refused(&with_amount(amount)).code(), "AMOUNT_NOT_POSITIVE", "{amount}");
    }
    assert_eq!(refused(&SEPA.replace("250.4", "-250.4")).code(), "AMOUNT_NOT_POSITIVE");
    assert_eq!(refused(&SEPA.replace("250.4", "250.401")).code(), "AMOUNT_OVER_PRECISE");
    assert_eq!(refused(&CREDIT_TRANSFER.replace("75.5", "0.00")).code(), "AMOUNT_NOT_POSITIVE");
    assert_eq!(refused(&CREDIT_TRANSFER.replace("75.5", "75.501")).code(), "AMOUNT_OVER_PRECISE");
}

fn amount_of(body: &str) -> Result<Money, WebhookError> {
    Ok(Webhook::parse(body.as_bytes())?.payment().unwrap().amount)
}

proptest! {
    #[test]
    fn up_to_two_decimals_come_out_exact(units in 1_u128..10_u128.pow(38), decimals in 0_u32..=2) {
        let scale = 10_u128.pow(decimals);
        let text = match decimals {
            0 => units.to_string(),
            1 => format!("{}.{}", units / scale, units % scale),
            _ => format!("{}.{:02}", units / scale, units % scale),
        };
        let pennies = units.checked_mul(10_u128.pow(2 - decimals)).and_then(|units| i128::try_from(units).ok());
        match pennies {
            Some(pennies) => prop_assert_eq!(amount_of(&with_amount(&text)), Ok(Money::new(Asset::Gbp, pennies))),
            None => prop_assert_eq!(refused(&with_amount(&text)).code(), "MALFORMED"),
        }
    }

    #[test]
    fn zeros_that_end_a_fraction_say_nothing(pence in 1_u64.., zeros in "0{1,20}") {
        let text = format!("{}.{:02}{zeros}", pence / 100, pence % 100);
        prop_assert_eq!(amount_of(&with_amount(&text)), Ok(Money::new(Asset::Gbp, i128::from(pence))));
    }

    #[test]
    fn more_than_two_decimals_are_refused(whole in 0_u64.., fraction in "[0-9]{2,25}[1-9]") {
        let refusal = amount_of(&with_amount(&format!("{whole}.{fraction}")));
        prop_assert_eq!(refusal, Err(WebhookError::AmountOverPrecise));
    }

    #[test]
    fn what_is_negative_is_refused(pence in 0_u64..) {
        let text = format!("-{}.{:02}", pence / 100, pence % 100);
        prop_assert_eq!(amount_of(&with_amount(&text)), Err(WebhookError::AmountNotPositive));
    }

    #[test]
    fn no_bytes_make_the_reader_panic(body in proptest::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(Webhook::parse(&body).is_err());
    }
}
