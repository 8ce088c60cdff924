//! The pool's tables in the engine's database.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, TransactionBehavior, params};

use super::{CognitoError, Mail, PoolKeys, password::PasswordHash, staff::Validity, users::timestamp};

const MAILS_READ_MAX: u32 = 1_000;
const MAILS_KEPT_MAX: i64 = 10_000;

const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS cognito_users (
        sub TEXT PRIMARY KEY,
        email_key TEXT NOT NULL UNIQUE,
        attributes TEXT NOT NULL,
        confirmed INTEGER NOT NULL,
        salt BLOB NOT NULL,
        hash BLOB NOT NULL,
        code TEXT,
        code_expires_ms INTEGER,
        created_ms INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS cognito_groups (
        sub TEXT NOT NULL,
        name TEXT NOT NULL,
        PRIMARY KEY (sub, name)
    ) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS cognito_refresh_tokens (
        token_hash BLOB PRIMARY KEY,
        sub TEXT NOT NULL,
        client_id TEXT NOT NULL,
        origin_jti TEXT NOT NULL,
        auth_time_s INTEGER NOT NULL,
        expires_ms INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS cognito_refresh_tokens_due ON cognito_refresh_tokens(expires_ms);
    CREATE TABLE IF NOT EXISTS cognito_attempts (
        kind TEXT NOT NULL,
        subject TEXT NOT NULL,
        count INTEGER NOT NULL,
        since_ms INTEGER NOT NULL,
        PRIMARY KEY (kind, subject)
    ) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS cognito_untold (
        sub TEXT PRIMARY KEY,
        client_id TEXT NOT NULL,
        metadata TEXT
    ) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS cognito_temporary_passwords (
        sub TEXT PRIMARY KEY
    ) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS cognito_challenges (
        session_hash BLOB PRIMARY KEY,
        sub TEXT NOT NULL,
        client_id TEXT NOT NULL,
        expires_ms INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS cognito_keys (
        token_use TEXT PRIMARY KEY,
        pem TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS outbox (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        recipient TEXT NOT NULL,
        subject TEXT NOT NULL,
        body TEXT NOT NULL,
        code TEXT,
        sent_ms INTEGER NOT NULL
    );";

#[derive(Debug, Clone)]
pub(super) struct Db(Arc<Mutex<Connection>>);

/// One user as it is stored.
pub(super) struct User {
    pub(super) sub: String,
    pub(super) email_key: String,
    pub(super) attributes: BTreeMap<String, String>,
    pub(super) confirmed: bool,
    pub(super) password: PasswordHash,
    pub(super) code: Option<Code>,
}

pub(super) struct Code {
    pub(super) text: String,
    pub(super) expires_ms: i64,
}

/// What a refresh token stands for.
pub(super) struct Session {
    pub(super) sub: String,
    pub(super) client_id: String,
    pub(super) origin_jti: String,
    pub(super) auth_time_s: i64,
    pub(super) expires_ms: i64,
}

/// What the session of a challenge stands for.
pub(super) struct Challenge {
    pub(super) sub: String,
    pub(super) client_id: String,
    pub(super) expires_ms: i64,
}

impl Db {
    pub(super) fn open(connection: Arc<Mutex<Connection>>) -> Result<Self, CognitoError> {
        let db = Self(connection);
        db.lock().execute_batch(TABLES)?;
        Ok(db)
    }

    fn lock(&self) -> MutexGuard<'_, Connection> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs `work` in one transaction: all of it or, when it fails, nothing.
    pub(super) fn write<T, E: From<rusqlite::Error>>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut connection = self.lock();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let result = work(&transaction)?;
        transaction.commit()?;
        Ok(result)
    }

    /// The stored keys, which are made the first time.
    pub(super) fn keys(&self) -> Result<PoolKeys, CognitoError> {
        let read = |transaction: &Transaction<'_>, token_use: &str| {
            let sql = "SELECT pem FROM cognito_keys WHERE token_use = ?1";
            transaction.query_row(sql, [token_use], |row| row.get::<_, String>(0)).optional()
        };
        self.write(|transaction| {
            if let (Some(id), Some(access)) = (read(transaction, "id")?, read(transaction, "access")?) {
                return Ok(PoolKeys::from_pem(id, access));
            }
            let keys = PoolKeys::generate()?;
            for (token_use, pem) in [("id", keys.id_pem()), ("access", keys.access_pem())] {
                transaction.execute("INSERT OR REPLACE INTO cognito_keys VALUES (?1, ?2)", [token_use, pem])?;
            }
            Ok(keys)
        })
    }

    /// By e-mail address in lower case, or by `sub`.
    pub(super) fn user(&self, name: &str) -> Result<Option<User>, CognitoError> {
        find_user(&self.lock(), name)
    }

    /// Confirmed users of whom the trigger has not been told, each with the app and its metadata.
    pub(super) fn untold(&self) -> Result<Vec<(String, String, Option<String>)>, CognitoError> {
        let connection = self.lock();
        let mut statement = connection.prepare_cached("SELECT sub, client_id, metadata FROM cognito_untold")?;
        let untold = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        Ok(untold.collect::<Result<_, _>>()?)
    }

    /// The trigger has been told.
    pub(super) fn told(&self, sub: &str) -> Result<(), CognitoError> {
        self.lock().execute("DELETE FROM cognito_untold WHERE sub = ?1", [sub])?;
        Ok(())
    }

    /// Whether an administrator chose the user's password, and not for good.
    pub(super) fn is_temporary(&self, sub: &str) -> Result<bool, CognitoError> {
        let sql = "SELECT EXISTS (SELECT 1 FROM cognito_temporary_passwords WHERE sub = ?1)";
        Ok(self.lock().query_row(sql, [sub], |row| row.get(0))?)
    }

    pub(super) fn groups(&self, sub: &str) -> Result<Vec<String>, CognitoError> {
        let connection = self.lock();
        let mut statement =
            connection.prepare_cached("SELECT name FROM cognito_groups WHERE sub = ?1 ORDER BY name")?;
        let groups = statement.query_map([sub], |row| row.get(0))?.collect::<Result<_, _>>()?;
        Ok(groups)
    }

    pub(super) fn session(&self, token_hash: &[u8]) -> Result<Option<Session>, CognitoError> {
        let sql = "SELECT sub, client_id, origin_jti, auth_time_s, expires_ms FROM cognito_refresh_tokens
                   WHERE token_hash = ?1";
        let session = self.lock().query_row(sql, [token_hash], |row| {
            Ok(Session {
                sub: row.get(0)?,
                client_id: row.get(1)?,
                origin_jti: row.get(2)?,
                auth_time_s: row.get(3)?,
                expires_ms: row.get(4)?,
            })
        });
        Ok(session.optional()?)
    }

    /// Expired ones go at the same time, a day late, so that they can still be told apart from unknown ones.
    pub(super) fn add_session(&self, token_hash: &[u8], session: &Session, now_ms: i64) -> Result<(), CognitoError> {
        const KEPT_AFTER_MS: i64 = 24 * 60 * 60 * 1_000;
        self.write(|transaction| {
            let sql = "DELETE FROM cognito_refresh_tokens WHERE expires_ms < ?1";
            transaction.execute(sql, [now_ms.saturating_sub(KEPT_AFTER_MS)])?;
            transaction.execute(
                "INSERT INTO cognito_refresh_tokens VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                params![
                    token_hash,
                    session.sub,
                    session.client_id,
                    session.origin_jti,
                    session.auth_time_s,
                    session.expires_ms
                ],
            )?;
            Ok(())
        })
    }

    pub(super) fn challenge(&self, session_hash: &[u8]) -> Result<Option<Challenge>, CognitoError> {
        let sql = "SELECT sub, client_id, expires_ms FROM cognito_challenges WHERE session_hash = ?1";
        let read = |row: &Row<'_>| Ok(Challenge { sub: row.get(0)?, client_id: row.get(1)?, expires_ms: row.get(2)? });
        Ok(self.lock().query_row(sql, [session_hash], read).optional()?)
    }

    /// Expired ones go at the same time.
    pub(super) fn add_challenge(&self, hash: &[u8], challenge: &Challenge, now_ms: i64) -> Result<(), CognitoError> {
        self.write(|transaction| {
            transaction.execute("DELETE FROM cognito_challenges WHERE expires_ms < ?1", [now_ms])?;
            let Challenge { sub, client_id, expires_ms } = challenge;
            let sql = "INSERT INTO cognito_challenges VALUES (?1, ?2, ?3, ?4)";
            transaction.execute(sql, params![hash, sub, client_id, expires_ms])?;
            Ok(())
        })
    }

    pub(super) fn mails(&self) -> Result<Vec<Mail>, CognitoError> {
        let connection = self.lock();
        let sql = "SELECT recipient, subject, body, code, sent_ms FROM outbox ORDER BY id DESC LIMIT ?1";
        let mut statement = connection.prepare_cached(sql)?;
        let read = |row: &Row<'_>| {
            Ok(Mail {
                to: row.get(0)?,
                subject: row.get(1)?,
                body: row.get(2)?,
                code: row.get(3)?,
                sent_at: timestamp(row.get(4)?),
            })
        };
        let mut mails = statement.query_map([MAILS_READ_MAX], read)?.collect::<Result<Vec<_>, _>>()?;
        mails.reverse();
        Ok(mails)
    }
}

pub(super) fn find_user(connection: &Connection, name: &str) -> Result<Option<User>, CognitoError> {
    let sql = "SELECT sub, email_key, attributes, confirmed, salt, hash, code, code_expires_ms FROM cognito_users
               WHERE email_key = ?1 OR sub = ?1";
    let found = connection.prepare_cached(sql)?.query_row([name], |row| {
        let attributes: String = row.get(2)?;
        let code: Option<String> = row.get(6)?;
        let expires_ms: Option<i64> = row.get(7)?;
        let user = User {
            sub: row.get(0)?,
            email_key: row.get(1)?,
            attributes: BTreeMap::new(),
            confirmed: row.get(3)?,
            password: PasswordHash { salt: row.get(4)?, hash: row.get(5)? },
            code: code.zip(expires_ms).map(|(text, expires_ms)| Code { text, expires_ms }),
        };
        Ok((user, attributes))
    });
    let Some((user, attributes)) = found.optional()? else {
        return Ok(None);
    };
    Ok(Some(User { attributes: serde_json::from_str(&attributes)?, ..user }))
}

/// Adds the user; `false` when the address is taken.
pub(super) fn insert_user(connection: &Connection, user: &User, now_ms: i64) -> Result<bool, CognitoError> {
    let sql = "INSERT INTO cognito_users VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT DO NOTHING";
    let code = user.code.as_ref();
    let added = connection.execute(
        sql,
        params![
            user.sub,
            user.email_key,
            serde_json::to_string(&user.attributes)?,
            user.confirmed,
            user.password.salt,
            user.password.hash,
            code.map(|code| code.text.as_str()),
            code.map(|code| code.expires_ms),
            now_ms
        ],
    )?;
    Ok(added == 1)
}

pub(super) fn confirm_user(connection: &Connection, user: &User) -> Result<(), CognitoError> {
    let sql = "UPDATE cognito_users SET confirmed = 1, code = NULL, code_expires_ms = NULL, attributes = ?2
               WHERE sub = ?1";
    connection.execute(sql, [&user.sub, &serde_json::to_string(&user.attributes)?])?;
    Ok(())
}

/// Notes that the trigger is to be told of a confirmed user.
pub(super) fn note_untold(
    connection: &Connection,
    sub: &str,
    client_id: &str,
    metadata: Option<&BTreeMap<String, String>>,
) -> Result<(), CognitoError> {
    let metadata = metadata.map(serde_json::to_string).transpose()?;
    let sql = "INSERT OR REPLACE INTO cognito_untold VALUES (?1, ?2, ?3)";
    connection.execute(sql, params![sub, client_id, metadata])?;
    Ok(())
}

pub(super) fn set_code(connection: &Connection, sub: &str, code: &Code) -> Result<(), CognitoError> {
    let sql = "UPDATE cognito_users SET code = ?2, code_expires_ms = ?3 WHERE sub = ?1";
    connection.execute(sql, params![sub, code.text, code.expires_ms])?;
    Ok(())
}

pub(super) fn set_password(
    connection: &Connection,
    sub: &str,
    password: &PasswordHash,
    validity: Validity,
) -> Result<(), CognitoError> {
    // Whoever has a password from an administrator needs no code any more.
    let sql = "UPDATE cognito_users SET salt = ?2, hash = ?3, confirmed = 1, code = NULL, code_expires_ms = NULL
               WHERE sub = ?1";
    connection.execute(sql, params![sub, password.salt, password.hash])?;
    let sql = match validity {
        Validity::Permanent => "DELETE FROM cognito_temporary_passwords WHERE sub = ?1",
        Validity::Temporary => "INSERT OR IGNORE INTO cognito_temporary_passwords VALUES (?1)",
    };
    connection.execute(sql, [sub])?;
    Ok(())
}

pub(super) fn insert_group(connection: &Connection, sub: &str, group: &str) -> Result<(), CognitoError> {
    connection.execute("INSERT OR IGNORE INTO cognito_groups VALUES (?1, ?2)", [sub, group])?;
    Ok(())
}

/// Removes a user and everything that is theirs but the mails, which are sent.
pub(super) fn delete_user(connection: &Connection, sub: &str) -> Result<(), CognitoError> {
    for table in ["untold", "temporary_passwords", "challenges", "refresh_tokens", "groups", "users"] {
        connection.execute(&format!("DELETE FROM cognito_{table} WHERE sub = ?1"), [sub])?;
    }
    connection.execute("DELETE FROM cognito_attempts WHERE subject = ?1", [sub])?;
    Ok(())
}

/// The mail with a confirmation code, in Cognito's default words.
pub(super) fn send_code(connection: &Connection, to: &str, code: &str, now_ms: i64) -> Result<(), CognitoError> {
    let body = format!("Your confirmation code is {code}");
    send(connection, to, "Your verification code", &body, Some(code), now_ms)
}

/// The mail to somebody whom an administrator made a user, in Cognito's default words.
pub(super) fn send_invitation(
    connection: &Connection,
    to: &str,
    password: &str,
    now_ms: i64,
) -> Result<(), CognitoError> {
    let body = format!("Your username is {to} and temporary password is {password}.");
    send(connection, to, "Your temporary password", &body, None, now_ms)
}

fn send(
    connection: &Connection,
    to: &str,
    subject: &str,
    body: &str,
    code: Option<&str>,
    now_ms: i64,
) -> Result<(), CognitoError> {
    let sql = "INSERT INTO outbox (recipient, subject, body, code, sent_ms) VALUES (?1, ?2, ?3, ?4, ?5)";
    connection.execute(sql, params![to, subject, body, code, now_ms])?;
    connection.execute("DELETE FROM outbox WHERE id <= ?1", [connection.last_insert_rowid() - MAILS_KEPT_MAX])?;
    Ok(())
}
