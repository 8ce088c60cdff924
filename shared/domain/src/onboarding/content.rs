//! What somebody writes into an application.
//!
//! All of it is personal. It is read out of here in two ways only: as the text that the vault keeps, and field by field for those
//! who check people. It prints as a mask and has no `Serialize`, so that it cannot get into an event or a log.

use std::fmt;

use secrecy::zeroize::Zeroize;
use secrecy::{ExposeSecret, SecretBox, SecretString};
use serde::{Deserialize, Serialize};
use time::Date;

use super::country::{self, Country};
use super::eligibility::{self, EligibilityError};

/// What proves who somebody is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DocumentKind {
    /// A passport.
    Passport,
    /// A driving licence.
    DrivingLicence,
    /// An identity card.
    IdentityCard,
}

/// What somebody wrote, as it came.
#[derive(Debug)]
pub struct Written {
    /// Given names.
    pub first_name: SecretString,
    /// Family name.
    pub last_name: SecretString,
    /// `YYYY-MM-DD`.
    pub birth_date: SecretString,
    /// ISO 3166-1 alpha-2.
    pub nationality: SecretString,
    /// Where they live.
    pub address: WrittenAddress,
    /// What they will show to prove who they are.
    pub document: WrittenDocument,
    /// The account that they pay from, if they say.
    pub bank_account: Option<WrittenBankAccount>,
}

/// Where somebody lives.
#[derive(Debug)]
pub struct WrittenAddress {
    /// Street with number.
    pub street: SecretString,
    /// Town.
    pub town: SecretString,
    /// Postcode.
    pub postcode: SecretString,
    /// ISO 3166-1 alpha-2.
    pub country: SecretString,
}

/// A document of somebody.
#[derive(Debug)]
pub struct WrittenDocument {
    /// What it is.
    pub kind: DocumentKind,
    /// Its number.
    pub number: SecretString,
    /// ISO 3166-1 alpha-2.
    pub issuing_country: SecretString,
}

/// An account of somebody at a bank: an IBAN, or a sort code with an account number.
#[derive(Debug)]
pub struct WrittenBankAccount {
    /// Whose name it is in.
    pub holder: SecretString,
    /// The IBAN.
    pub iban: Option<SecretString>,
    /// Six digits.
    pub sort_code: Option<SecretString>,
    /// Eight digits.
    pub account_number: Option<SecretString>,
}

/// What somebody wrote, made tidy: the same application written twice has the same content.
#[derive(Debug)]
pub struct ApplicationContent(SecretBox<Fields>);

/// The fields in the open, for this module and for the checks.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Fields {
    pub(super) first_name: String,
    pub(super) last_name: String,
    pub(super) birth_date: String,
    pub(super) nationality: String,
    pub(super) street: String,
    pub(super) town: String,
    pub(super) postcode: String,
    pub(super) country: String,
    pub(super) document_kind: DocumentKind,
    pub(super) document_number: String,
    pub(super) document_country: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) bank_account: Option<BankAccount>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct BankAccount {
    pub(super) holder: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) iban: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) sort_code: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) account_number: Option<String>,
}

impl Zeroize for Fields {
    fn zeroize(&mut self) {
        // Every field by name: a new one must not be forgotten.
        let Self {
            first_name,
            last_name,
            birth_date,
            nationality,
            street,
            town,
            postcode,
            country,
            document_kind: _,
            document_number,
            document_country,
            bank_account,
        } = self;
        for text in [
            first_name,
            last_name,
            birth_date,
            nationality,
            street,
            town,
            postcode,
            country,
            document_number,
            document_country,
        ] {
            text.zeroize();
        }
        if let Some(BankAccount { holder, iban, sort_code, account_number }) = bank_account {
            holder.zeroize();
            for text in [iban, sort_code, account_number] {
                text.zeroize();
            }
        }
    }
}

impl ApplicationContent {
    /// What somebody wrote.
    #[must_use]
    pub fn new(written: &Written) -> Self {
        let Written { first_name, last_name, birth_date, nationality, address, document, bank_account } = written;
        Self(SecretBox::new(Box::new(Fields {
            first_name: tidy(first_name),
            last_name: tidy(last_name),
            birth_date: tidy(birth_date),
            nationality: code(nationality),
            street: tidy(&address.street),
            town: tidy(&address.town),
            postcode: tidy(&address.postcode),
            country: code(&address.country),
            document_kind: document.kind,
            document_number: code(&document.number),
            document_country: code(&document.issuing_country),
            bank_account: bank_account.as_ref().map(|account| BankAccount {
                holder: tidy(&account.holder),
                iban: account.iban.as_ref().map(code),
                sort_code: account.sort_code.as_ref().map(code),
                account_number: account.account_number.as_ref().map(code),
            }),
        })))
    }

    /// Reads what [`Self::to_vault`] wrote.
    ///
    /// # Errors
    ///
    /// [`EligibilityError::Unreadable`]: the text is something else.
    pub fn from_vault(text: &SecretString) -> Result<Self, EligibilityError> {
        let fields = serde_json::from_str(text.expose_secret()).map_err(|_| EligibilityError::Unreadable)?;
        Ok(Self(SecretBox::new(Box::new(fields))))
    }

    /// The text that the vault keeps: equal contents give equal texts.
    ///
    /// # Errors
    ///
    /// [`EligibilityError::Unreadable`], which text fields never lead to.
    pub fn to_vault(&self) -> Result<SecretString, EligibilityError> {
        let text = serde_json::to_string(self.fields()).map_err(|_| EligibilityError::Unreadable)?;
        Ok(SecretString::from(text))
    }

    /// Whether the bank may take the application on this day.
    ///
    /// # Errors
    ///
    /// See [`EligibilityError`].
    pub fn check(&self, today: Date) -> Result<(), EligibilityError> {
        eligibility::check(self.fields(), today)
    }

    /// Everything, for somebody who may read all of it.
    #[must_use]
    pub fn written(&self) -> Written {
        let fields = self.fields();
        Written {
            first_name: secret(&fields.first_name),
            last_name: secret(&fields.last_name),
            birth_date: secret(&fields.birth_date),
            nationality: secret(&fields.nationality),
            address: WrittenAddress {
                street: secret(&fields.street),
                town: secret(&fields.town),
                postcode: secret(&fields.postcode),
                country: secret(&fields.country),
            },
            document: WrittenDocument {
                kind: fields.document_kind,
                number: secret(&fields.document_number),
                issuing_country: secret(&fields.document_country),
            },
            bank_account: fields.bank_account.as_ref().map(|account| WrittenBankAccount {
                holder: secret(&account.holder),
                iban: account.iban.as_deref().map(secret),
                sort_code: account.sort_code.as_deref().map(secret),
                account_number: account.account_number.as_deref().map(secret),
            }),
        }
    }

    /// Given names.
    #[must_use]
    pub fn first_name(&self) -> SecretString {
        secret(&self.fields().first_name)
    }

    /// Family name.
    #[must_use]
    pub fn last_name(&self) -> SecretString {
        secret(&self.fields().last_name)
    }

    /// `YYYY-MM-DD`.
    #[must_use]
    pub fn birth_date(&self) -> SecretString {
        secret(&self.fields().birth_date)
    }

    /// ISO 3166-1 alpha-2.
    #[must_use]
    pub fn nationality(&self) -> SecretString {
        secret(&self.fields().nationality)
    }

    /// Street with number.
    #[must_use]
    pub fn street(&self) -> SecretString {
        secret(&self.fields().street)
    }

    /// Town.
    #[must_use]
    pub fn town(&self) -> SecretString {
        secret(&self.fields().town)
    }

    /// Postcode.
    #[must_use]
    pub fn postcode(&self) -> SecretString {
        secret(&self.fields().postcode)
    }

    /// The country of the address, if the bank takes customers from there.
    #[must_use]
    pub fn country(&self) -> Option<Country> {
        country::find(&self.fields().country)
    }

    fn fields(&self) -> &Fields {
        self.0.expose_secret()
    }
}

impl fmt::Debug for Fields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fields(…)")
    }
}

fn secret(text: &str) -> SecretString {
    SecretString::from(text)
}

/// Without blanks around it, and with one between words.
fn tidy(text: &SecretString) -> String {
    text.expose_secret().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Codes and numbers are written in groups, with blanks or hyphens, and in either case.
fn code(text: &SecretString) -> String {
    let letters = text.expose_secret().chars().filter(|it| !it.is_whitespace() && *it != '-');
    letters.map(|it| it.to_ascii_uppercase()).collect()
}

#[cfg(test)]
#[path = "content_tests.rs"]
mod tests;
