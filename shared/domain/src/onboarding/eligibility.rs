//! Whether the bank may take somebody's application.

use std::fmt;

use iban::Iban;
use time::Date;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

use super::content::{BankAccount, Fields};
use super::country;
use crate::error::{Class, Classify};

/// How old somebody must be on the day of the application.
pub const AGE_MIN: i32 = 18;
/// Nobody is older; whoever seems to be has mistyped a year.
const AGE_MAX: i32 = 120;
const NAME_CHARS_MAX: usize = 100;
const TOWN_CHARS_MAX: usize = 50;
const POSTCODE_CHARS_MAX: usize = 16;
const DOCUMENT_CHARS_MAX: usize = 32;
/// What the identity provider takes. A street that it refused later would end as a declined application.
const STREET_CHARS_MAX: usize = 32;
const COUNTRY_LETTERS: usize = 2;
const SORT_CODE_DIGITS: usize = 6;
const ACCOUNT_NUMBER_DIGITS: usize = 8;
/// Characters that the identity provider refuses in a name.
const NOT_IN_NAMES: &str = "^!#$%*=<>;{}\"";

const DATE: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]");

/// A field of an application.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// Given names.
    FirstName,
    /// Family name.
    LastName,
    /// Date of birth.
    BirthDate,
    /// Nationality.
    Nationality,
    /// Street with number.
    Street,
    /// Town.
    Town,
    /// Postcode.
    Postcode,
    /// The number of a document.
    DocumentNumber,
    /// Who issued the document.
    DocumentCountry,
    /// Whose name the bank account is in.
    Holder,
    /// The bank account as a whole: one way to name it, and only one.
    BankAccount,
    /// The bank account's sort code.
    SortCode,
    /// The bank account's number.
    AccountNumber,
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::FirstName => "firstName",
            Self::LastName => "lastName",
            Self::BirthDate => "birthDate",
            Self::Nationality => "nationality",
            Self::Street => "address.street",
            Self::Town => "address.town",
            Self::Postcode => "address.postcode",
            Self::DocumentNumber => "document.number",
            Self::DocumentCountry => "document.issuingCountry",
            Self::Holder => "bankAccount.holder",
            Self::BankAccount => "bankAccount",
            Self::SortCode => "bankAccount.sortCode",
            Self::AccountNumber => "bankAccount.accountNumber",
        })
    }
}

/// Why the bank does not take an application. It never repeats what was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EligibilityError {
    /// Too young.
    #[error("customers must be {AGE_MIN} or older")]
    UnderAge,
    /// Lives where the bank takes no customers.
    #[error("the bank takes no customers from this country")]
    CountryNotSupported,
    /// No plausible value.
    #[error("{0} is not a plausible value")]
    Field(Field),
    /// The check digits, or the length for its country, are wrong.
    #[error("bankAccount.iban is no IBAN")]
    Iban,
    /// The vault gave back something else than was kept.
    #[error("a stored application cannot be read")]
    Unreadable,
}

impl Classify for EligibilityError {
    fn class(&self) -> Class {
        match self {
            Self::UnderAge | Self::CountryNotSupported => Class::Rejected,
            Self::Field(_) | Self::Iban => Class::Invalid,
            Self::Unreadable => Class::Bug,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::UnderAge => "APPLICATION_UNDER_AGE",
            Self::CountryNotSupported => "APPLICATION_COUNTRY_NOT_SUPPORTED",
            Self::Field(_) => "APPLICATION_FIELD_INVALID",
            Self::Iban => "APPLICATION_IBAN_INVALID",
            Self::Unreadable => "APPLICATION_UNREADABLE",
        }
    }
}

/// What the applicant can mend comes first.
pub(super) fn check(fields: &Fields, today: Date) -> Result<(), EligibilityError> {
    plausible_name(&fields.first_name, Field::FirstName)?;
    plausible_name(&fields.last_name, Field::LastName)?;
    let age = age_on(&fields.birth_date, today)?;
    country_code(&fields.nationality, Field::Nationality)?;
    plausible(&fields.street, STREET_CHARS_MAX, Field::Street)?;
    plausible(&fields.town, TOWN_CHARS_MAX, Field::Town)?;
    plausible(&fields.postcode, POSTCODE_CHARS_MAX, Field::Postcode)?;
    plausible(&fields.document_number, DOCUMENT_CHARS_MAX, Field::DocumentNumber)?;
    country_code(&fields.document_country, Field::DocumentCountry)?;
    if let Some(account) = &fields.bank_account {
        bank_account(account)?;
    }
    if age < AGE_MIN {
        return Err(EligibilityError::UnderAge);
    }
    country::find(&fields.country).map(|_| ()).ok_or(EligibilityError::CountryNotSupported)
}

fn bank_account(account: &BankAccount) -> Result<(), EligibilityError> {
    plausible_name(&account.holder, Field::Holder)?;
    match (&account.iban, &account.sort_code, &account.account_number) {
        (Some(iban), None, None) => iban.parse::<Iban>().map(|_| ()).map_err(|_| EligibilityError::Iban),
        (None, Some(sort_code), Some(number)) => {
            digits(sort_code, SORT_CODE_DIGITS, Field::SortCode)?;
            digits(number, ACCOUNT_NUMBER_DIGITS, Field::AccountNumber)
        }
        _ => Err(EligibilityError::Field(Field::BankAccount)),
    }
}

fn only_if(holds: bool, field: Field) -> Result<(), EligibilityError> {
    if holds { Ok(()) } else { Err(EligibilityError::Field(field)) }
}

fn plausible(text: &str, chars_max: usize, field: Field) -> Result<(), EligibilityError> {
    only_if(!text.is_empty() && text.chars().count() <= chars_max && !text.chars().any(char::is_control), field)
}

fn plausible_name(text: &str, field: Field) -> Result<(), EligibilityError> {
    plausible(text, NAME_CHARS_MAX, field)?;
    let refused = |it: char| NOT_IN_NAMES.contains(it) || it.is_ascii_digit();
    only_if(text.chars().any(char::is_alphabetic) && !text.chars().any(refused), field)
}

fn country_code(text: &str, field: Field) -> Result<(), EligibilityError> {
    only_if(text.len() == COUNTRY_LETTERS && text.bytes().all(|it| it.is_ascii_uppercase()), field)
}

fn digits(text: &str, count: usize, field: Field) -> Result<(), EligibilityError> {
    only_if(text.len() == count && text.bytes().all(|it| it.is_ascii_digit()), field)
}

/// Whole years. Whoever was born on a 29 February has their birthday on 1 March in a year without one.
fn age_on(birth_date: &str, today: Date) -> Result<i32, EligibilityError> {
    let implausible = EligibilityError::Field(Field::BirthDate);
    let birth_date = Date::parse(birth_date, DATE).map_err(|_| implausible)?;
    let day_of_year = |date: Date| (u8::from(date.month()), date.day());
    let years = today.year().saturating_sub(birth_date.year());
    let age = if day_of_year(today) >= day_of_year(birth_date) { years } else { years.saturating_sub(1) };
    if birth_date <= today && age <= AGE_MAX { Ok(age) } else { Err(implausible) }
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;

    #[test]
    fn a_leap_day_is_a_birthday_on_the_first_of_march() {
        assert_eq!(age_on("2008-02-29", date!(2026 - 02 - 28)), Ok(17));
        assert_eq!(age_on("2008-02-29", date!(2026 - 03 - 01)), Ok(18));
    }
}
