use proptest::prelude::*;
use time::macros::date;

use super::super::eligibility::Field;
use super::*;

const TODAY: Date = date!(2026 - 11 - 20);

/// The values of a plausible application, by field.
#[derive(Clone)]
struct Form {
    first_name: String,
    last_name: String,
    birth_date: String,
    nationality: String,
    street: String,
    town: String,
    postcode: String,
    country: String,
    document_number: String,
    document_country: String,
    holder: String,
    iban: Option<String>,
    sort_code: Option<String>,
    account_number: Option<String>,
}

fn ada() -> Form {
    Form {
        first_name: "Ada".to_owned(),
        last_name: "O'Lovelace-Müller".to_owned(),
        birth_date: "1990-12-10".to_owned(),
        nationality: "NZ".to_owned(),
        street: "12 St James's Square".to_owned(),
        town: "London".to_owned(),
        postcode: "SW1Y 4JH".to_owned(),
        country: "GB".to_owned(),
        document_number: "LA 123456".to_owned(),
        document_country: "NZ".to_owned(),
        holder: "A. O'Lovelace-Müller".to_owned(),
        iban: Some("GB33 BUKB 2020 1555 5555 55".to_owned()),
        sort_code: None,
        account_number: None,
    }
}

fn content(form: &Form) -> ApplicationContent {
    let secret = |text: &String| SecretString::from(text.as_str());
    ApplicationContent::new(&Written {
        first_name: secret(&form.first_name),
        last_name: secret(&form.last_name),
        birth_date: secret(&form.birth_date),
        nationality: secret(&form.nationality),
        address: WrittenAddress {
            street: secret(&form.street),
            town: secret(&form.town),
            postcode: secret(&form.postcode),
            country: secret(&form.country),
        },
        document: WrittenDocument {
            kind: DocumentKind::Passport,
            number: secret(&form.document_number),
            issuing_country: secret(&form.document_country),
        },
        bank_account: Some(WrittenBankAccount {
            holder: secret(&form.holder),
            iban: form.iban.as_ref().map(secret),
            sort_code: form.sort_code.as_ref().map(secret),
            account_number: form.account_number.as_ref().map(secret),
        }),
    })
}

fn with(change: impl FnOnce(&mut Form)) -> Result<(), EligibilityError> {
    let mut form = ada();
    change(&mut form);
    content(&form).check(TODAY)
}

fn stored(form: &Form) -> String {
    content(form).to_vault().unwrap().expose_secret().to_owned()
}

fn refused(field: Field) -> Result<(), EligibilityError> {
    Err(EligibilityError::Field(field))
}

#[test]
fn a_plausible_application_is_taken() {
    assert_eq!(with(|_| {}), Ok(()));
    assert_eq!(with(|form| form.country = " ie ".to_owned()), Ok(()));
}

#[test]
fn nobody_under_eighteen_is_taken() {
    for (birth_date, expected) in [
        ("2008-11-20", Ok(())), // Eighteen today.
        ("2008-11-21", Err(EligibilityError::UnderAge)),
        ("2026-11-20", Err(EligibilityError::UnderAge)),
    ] {
        assert_eq!(with(|form| form.birth_date = birth_date.to_owned()), expected, "{birth_date}");
    }
}

#[test]
fn a_birth_date_is_a_day_in_somebodys_life() {
    for text in ["", "10/12/1990", "1990-02-30", "1990-1-1", "2026-11-21", "1905-01-01"] {
        assert_eq!(with(|form| form.birth_date = text.to_owned()), refused(Field::BirthDate), "{text}");
    }
}

#[test]
fn customers_live_in_the_united_kingdom_and_the_euro_area_and_come_from_anywhere() {
    for country in ["US", "CH", "GBR", "XX", ""] {
        let refused = Err(EligibilityError::CountryNotSupported);
        assert_eq!(with(|form| form.country = country.to_owned()), refused, "{country}");
    }
    for country in country::SUPPORTED {
        assert_eq!(with(|form| form.country = country.alpha2.to_owned()), Ok(()), "{}", country.alpha2);
    }
    assert_eq!(with(|form| form.nationality = "us".to_owned()), Ok(()));
    assert_eq!(with(|form| form.nationality = "American".to_owned()), refused(Field::Nationality));
    assert_eq!(with(|form| form.document_country = "7".to_owned()), refused(Field::DocumentCountry));
}

#[test]
fn implausible_fields_are_named() {
    let long = "a".repeat(101);
    for name in ["", "  ", "-", "4da", "Ada <script>", "A\u{0}da", &long] {
        assert_eq!(with(|it| it.first_name = name.to_owned()), refused(Field::FirstName), "{name}");
        assert_eq!(with(|it| it.last_name = name.to_owned()), refused(Field::LastName), "{name}");
        assert_eq!(with(|it| it.holder = name.to_owned()), refused(Field::Holder), "{name}");
    }
    for text in ["", "A\u{7}", &long] {
        assert_eq!(with(|it| it.street = text.to_owned()), refused(Field::Street), "{text}");
        assert_eq!(with(|it| it.town = text.to_owned()), refused(Field::Town), "{text}");
        assert_eq!(with(|it| it.postcode = text.to_owned()), refused(Field::Postcode), "{text}");
        assert_eq!(with(|it| it.document_number = text.to_owned()), refused(Field::DocumentNumber), "{text}");
    }
    assert_eq!(EligibilityError::Field(Field::Town).to_string(), "address.town is not a plausible value");
}

#[test]
fn an_iban_has_its_countrys_length_and_right_check_digits() {
    for iban in ["DE89370400440532013000", "gb33bukb20201555555555", "FR14 2004 1010 0505 0001 3M02 606"] {
        assert_eq!(with(|form| form.iban = Some(iban.to_owned())), Ok(()), "{iban}");
    }
    for iban in ["", "DE88370400440532013000", "GB33BUKB2020155555555", "GB33", "12345678"] {
        assert_eq!(with(|form| form.iban = Some(iban.to_owned())), Err(EligibilityError::Iban), "{iban}");
    }
}

#[test]
fn a_bank_account_is_named_in_one_way() {
    let named = |iban: Option<&str>, sort_code: Option<&str>, number: Option<&str>| {
        with(|form| {
            form.iban = iban.map(str::to_owned);
            form.sort_code = sort_code.map(str::to_owned);
            form.account_number = number.map(str::to_owned);
        })
    };
    assert_eq!(named(None, Some("04-00-04"), Some("12345678")), Ok(()));
    assert_eq!(named(None, Some("04000"), Some("12345678")), refused(Field::SortCode));
    assert_eq!(named(None, Some("040004"), Some("1234567X")), refused(Field::AccountNumber));
    for (iban, sort_code, number) in [
        (None, None, None),
        (None, Some("040004"), None),
        (None, None, Some("12345678")),
        (Some("GB33BUKB20201555555555"), Some("040004"), Some("12345678")),
    ] {
        assert_eq!(named(iban, sort_code, number), refused(Field::BankAccount));
    }
}

#[test]
fn what_can_be_mended_comes_before_a_refusal() {
    let young = with(|form| {
        form.birth_date = "2020-01-01".to_owned();
        form.town = String::new();
    });
    assert_eq!(young, refused(Field::Town));
}

#[test]
fn blanks_and_case_make_no_other_application() {
    let mut sloppy = ada();
    sloppy.first_name = "  Ada ".to_owned();
    sloppy.postcode = "SW1Y  4JH".to_owned();
    sloppy.country = "gb".to_owned();
    sloppy.document_number = "la123456".to_owned();
    sloppy.iban = Some("gb33bukb20201555555555".to_owned());
    assert_eq!(stored(&sloppy), stored(&ada()));
}

#[test]
fn every_field_makes_another_application() {
    type Change = fn(&mut Form);
    let changes: [Change; 14] = [
        |form| form.first_name.push('x'),
        |form| form.last_name.push('x'),
        |form| form.birth_date.push('x'),
        |form| form.nationality.push('x'),
        |form| form.street.push('x'),
        |form| form.town.push('x'),
        |form| form.postcode.push('x'),
        |form| form.country.push('x'),
        |form| form.document_number.push('x'),
        |form| form.document_country.push('x'),
        |form| form.holder.push('x'),
        |form| form.iban = None,
        |form| form.sort_code = Some("040004".to_owned()),
        |form| form.account_number = Some("12345678".to_owned()),
    ];
    for (index, change) in changes.into_iter().enumerate() {
        let mut form = ada();
        change(&mut form);
        assert_ne!(stored(&form), stored(&ada()), "change {index}");
    }
}

#[test]
fn nothing_of_it_prints() {
    let form = ada();
    let text = format!("{:?}", content(&form));
    for value in [form.first_name, form.last_name, form.birth_date, form.street, form.town, form.postcode, form.holder]
    {
        assert!(!text.contains(&value), "{text}");
    }
}

#[test]
fn what_the_vault_gives_back_is_what_it_was_given() {
    let kept = content(&ada()).to_vault().unwrap();
    let read = ApplicationContent::from_vault(&kept).unwrap();
    assert_eq!(read.to_vault().unwrap().expose_secret(), kept.expose_secret());
    assert_eq!(read.first_name().expose_secret(), "Ada");
    assert_eq!(read.nationality().expose_secret(), "NZ");
    assert_eq!(read.country().map(|it| it.alpha3), Some("GBR"));
    let damaged = SecretString::from(r#"{"firstName":"Ada"}"#);
    assert_eq!(ApplicationContent::from_vault(&damaged).map(|_| ()), Err(EligibilityError::Unreadable));
}

proptest! {
    #[test]
    fn whatever_people_write_is_judged_and_survives_the_vault(text in ".{0,40}", country in "[A-Za-z]{0,3}") {
        let mut form = ada();
        (form.first_name, form.country, form.birth_date) = (text.clone(), country, text.clone());
        (form.iban, form.holder) = (Some(text.clone()), text);
        let content = content(&form);
        let _ = content.check(TODAY);
        let kept = content.to_vault().unwrap();
        let read = ApplicationContent::from_vault(&kept).unwrap().to_vault().unwrap();
        prop_assert_eq!(read.expose_secret(), kept.expose_secret());
    }
}
