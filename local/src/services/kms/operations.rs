//! KMS's operations.

use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Kms,
    keys::{self, Context, Key, KeyUsage},
};
use crate::services::{
    arn::{self, ACCOUNT},
    fault::Fault,
    json::{self as wire, blob},
    router::Principal,
};

const PLAINTEXT_BYTES_MAX: usize = 4_096;
const DATA_KEY_BYTES_MAX: usize = 1_024;
const SIGNING: &str = "RSASSA_PKCS1_V1_5_SHA_256";

/// Runs one operation.
pub(super) fn run(kms: &Kms, principal: &Principal, operation: &str, body: &[u8]) -> Result<Bytes, Fault> {
    let answer = match operation {
        "Encrypt" => encrypt(kms, principal, &wire::read(body)?),
        "Decrypt" => decrypt(kms, principal, &wire::read(body)?),
        "GenerateDataKey" => generate_data_key(kms, principal, &wire::read(body)?),
        "Sign" => sign(kms, principal, &wire::read(body)?),
        "GetPublicKey" => public_key(kms, principal, &wire::read(body)?),
        "DescribeKey" => describe(kms, principal, &wire::read(body)?),
        other => Err(Fault::unknown_operation("KMS", other)),
    }?;
    wire::write(&answer)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Encrypt {
    key_id: String,
    #[serde(with = "blob")]
    plaintext: Vec<u8>,
    #[serde(default)]
    encryption_context: Context,
    encryption_algorithm: Option<String>,
}

fn encrypt(kms: &Kms, principal: &Principal, request: &Encrypt) -> Result<Value, Fault> {
    let key = symmetric(kms, principal, "Encrypt", &request.key_id, &request.encryption_context)?;
    only("EncryptionAlgorithm", request.encryption_algorithm.as_deref(), "SYMMETRIC_DEFAULT")?;
    if !(1..=PLAINTEXT_BYTES_MAX).contains(&request.plaintext.len()) {
        return Err(invalid(format!("Plaintext must have between 1 and {PLAINTEXT_BYTES_MAX} bytes")));
    }
    let ciphertext = key.seal(&request.plaintext, &request.encryption_context)?;
    Ok(json!({
        "CiphertextBlob": text(&ciphertext),
        "KeyId": arn::key(&key.id),
        "EncryptionAlgorithm": "SYMMETRIC_DEFAULT",
    }))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Decrypt {
    #[serde(with = "blob")]
    ciphertext_blob: Vec<u8>,
    #[serde(default)]
    encryption_context: Context,
    encryption_algorithm: Option<String>,
    key_id: Option<String>,
}

fn decrypt(kms: &Kms, principal: &Principal, request: &Decrypt) -> Result<Value, Fault> {
    only("EncryptionAlgorithm", request.encryption_algorithm.as_deref(), "SYMMETRIC_DEFAULT")?;
    let made_by = keys::key_of(&request.ciphertext_blob).ok_or_else(unreadable)?;
    if let Some(name) = &request.key_id
        && find(kms, name)?.id != made_by
    {
        let message = "The key ID in the request does not identify a CMK that can perform this operation.";
        return Err(Fault::new("IncorrectKeyException", message));
    }
    let key = symmetric(kms, principal, "Decrypt", made_by, &request.encryption_context)?;
    let plaintext = key.open(&request.ciphertext_blob, &request.encryption_context)?.ok_or_else(unreadable)?;
    Ok(json!({
        "Plaintext": text(&plaintext),
        "KeyId": arn::key(&key.id),
        "EncryptionAlgorithm": "SYMMETRIC_DEFAULT",
    }))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct GenerateDataKey {
    key_id: String,
    #[serde(default)]
    encryption_context: Context,
    key_spec: Option<String>,
    number_of_bytes: Option<usize>,
}

fn generate_data_key(kms: &Kms, principal: &Principal, request: &GenerateDataKey) -> Result<Value, Fault> {
    let key = symmetric(kms, principal, "GenerateDataKey", &request.key_id, &request.encryption_context)?;
    let bytes = match (request.key_spec.as_deref(), request.number_of_bytes) {
        (Some("AES_256"), None) => 32,
        (Some("AES_128"), None) => 16,
        (None, Some(bytes)) if (1..=DATA_KEY_BYTES_MAX).contains(&bytes) => bytes,
        _ => return Err(invalid("Please specify either number of bytes or key spec.".to_owned())),
    };
    let plaintext = keys::random(bytes)?;
    let ciphertext = key.seal(&plaintext, &request.encryption_context)?;
    Ok(json!({
        "CiphertextBlob": text(&ciphertext),
        "Plaintext": text(&plaintext),
        "KeyId": arn::key(&key.id),
    }))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Sign {
    key_id: String,
    #[serde(with = "blob")]
    message: Vec<u8>,
    message_type: Option<String>,
    signing_algorithm: String,
}

fn sign(kms: &Kms, principal: &Principal, request: &Sign) -> Result<Value, Fault> {
    let key = signing(kms, principal, "Sign", &request.key_id)?;
    only("SigningAlgorithm", Some(&request.signing_algorithm), SIGNING)?;
    if !(1..=PLAINTEXT_BYTES_MAX).contains(&request.message.len()) {
        return Err(invalid(format!("Message must have between 1 and {PLAINTEXT_BYTES_MAX} bytes")));
    }
    let signature = match request.message_type.as_deref().unwrap_or("RAW") {
        "RAW" => key.sign(&request.message)?,
        "DIGEST" => key
            .sign_digest(&request.message)?
            .ok_or_else(|| invalid("Digest is invalid length for algorithm RSASSA_PKCS1_V1_5_SHA_256.".to_owned()))?,
        other => return Err(invalid(format!("The MessageType {other} is not supported by the local KMS"))),
    };
    Ok(json!({ "KeyId": arn::key(&key.id), "Signature": text(&signature), "SigningAlgorithm": SIGNING }))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Named {
    key_id: String,
}

fn public_key(kms: &Kms, principal: &Principal, request: &Named) -> Result<Value, Fault> {
    let key = signing(kms, principal, "GetPublicKey", &request.key_id)?;
    Ok(json!({
        "KeyId": arn::key(&key.id),
        "PublicKey": text(&key.public_key_der()?),
        "CustomerMasterKeySpec": "RSA_2048",
        "KeySpec": "RSA_2048",
        "KeyUsage": "SIGN_VERIFY",
        "SigningAlgorithms": [SIGNING],
    }))
}

fn describe(kms: &Kms, principal: &Principal, request: &Named) -> Result<Value, Fault> {
    let key = find(kms, &request.key_id)?;
    kms.allow(principal, "DescribeKey", &key.id, &Context::new())?;
    let (usage, spec, algorithms, name) = match key.usage {
        KeyUsage::Symmetric => ("ENCRYPT_DECRYPT", "SYMMETRIC_DEFAULT", "EncryptionAlgorithms", "SYMMETRIC_DEFAULT"),
        KeyUsage::SignRsa2048 => ("SIGN_VERIFY", "RSA_2048", "SigningAlgorithms", SIGNING),
    };
    Ok(json!({ "KeyMetadata": {
        "AWSAccountId": ACCOUNT,
        "KeyId": key.id,
        "Arn": arn::key(&key.id),
        "CreationDate": key.created_at_ms / 1_000,
        "Enabled": true,
        "Description": "",
        "KeyUsage": usage,
        "KeyState": "Enabled",
        "Origin": "AWS_KMS",
        "KeyManager": "CUSTOMER",
        "CustomerMasterKeySpec": spec,
        "KeySpec": spec,
        algorithms: [name],
        "MultiRegion": false,
    } }))
}

fn find(kms: &Kms, name: &str) -> Result<Key, Fault> {
    keys::find(&kms.engine, name)?.ok_or_else(|| {
        let what = if name.contains("alias/") { "Alias" } else { "Key" };
        Fault::new("NotFoundException", format!("{what} '{name}' does not exist"))
    })
}

fn symmetric(kms: &Kms, principal: &Principal, action: &str, name: &str, context: &Context) -> Result<Key, Fault> {
    usable(kms, principal, action, name, KeyUsage::Symmetric, context)
}

fn signing(kms: &Kms, principal: &Principal, action: &str, name: &str) -> Result<Key, Fault> {
    usable(kms, principal, action, name, KeyUsage::SignRsa2048, &Context::new())
}

fn usable(
    kms: &Kms,
    principal: &Principal,
    action: &str,
    name: &str,
    usage: KeyUsage,
    context: &Context,
) -> Result<Key, Fault> {
    let key = find(kms, name)?;
    kms.allow(principal, action, &key.id, context)?;
    if key.usage == usage {
        Ok(key)
    } else {
        let message = format!("{} key usage is not valid for {action}.", arn::key(&key.id));
        Err(Fault::new("InvalidKeyUsageException", message))
    }
}

fn only(parameter: &str, value: Option<&str>, expected: &str) -> Result<(), Fault> {
    match value {
        Some(value) if value != expected => {
            Err(invalid(format!("The {parameter} {value} is not supported by the local KMS, only {expected}")))
        }
        _ => Ok(()),
    }
}

fn unreadable() -> Fault {
    Fault::new("InvalidCiphertextException", "")
}

fn invalid(message: String) -> Fault {
    Fault::new("ValidationException", message)
}

fn text(bytes: &[u8]) -> String {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    STANDARD.encode(bytes)
}
