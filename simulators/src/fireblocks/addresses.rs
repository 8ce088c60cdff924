//! Addresses as the chains write them. Nobody has the keys to them.

use super::FireblocksError;

const CHARSET: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
const BTC_PREFIX: &str = "bc";
/// Native segwit: version 0, a hash of 20 bytes.
const WITNESS_VERSION: u8 = 0;

/// A new native segwit address of Bitcoin's main network, with a good checksum.
pub(super) fn btc() -> Result<String, FireblocksError> {
    Ok(segwit(&random()?))
}

/// A new address of Ethereum, which takes its tokens too. In lower case it carries no checksum, and is good as it is.
pub(super) fn evm() -> Result<String, FireblocksError> {
    Ok(format!("0x{}", hex::encode(random()?)))
}

/// The hash of a transaction, as the asset's chain writes it.
pub(super) fn transaction_hash(asset: &str) -> Result<String, FireblocksError> {
    let mut bytes = [0; 32];
    crate::chance::fill(&mut bytes).map_err(|_| FireblocksError::Key)?;
    let digits = hex::encode(bytes);
    Ok(if asset.starts_with("BTC") { digits } else { format!("0x{digits}") })
}

fn random() -> Result<[u8; 20], FireblocksError> {
    let mut bytes = [0; 20];
    crate::chance::fill(&mut bytes).map_err(|_| FireblocksError::Key)?;
    Ok(bytes)
}

/// BIP 173.
fn segwit(program: &[u8]) -> String {
    let mut data = vec![WITNESS_VERSION];
    data.extend(five_bits(program));
    let checked: Vec<u8> = expanded_prefix().chain(data.iter().copied()).chain([0; 6]).collect();
    let checksum = polymod(&checked) ^ 1;
    data.extend((0..6).map(|place| low_byte(checksum >> (5 * (5 - place))) & 31));
    let letters = data.iter().filter_map(|five| CHARSET.get(usize::from(*five))).map(|letter| char::from(*letter));
    std::iter::once(BTC_PREFIX.to_owned() + "1").chain(letters.map(String::from)).collect()
}

fn expanded_prefix() -> impl Iterator<Item = u8> {
    let prefix = BTC_PREFIX.bytes();
    prefix.clone().map(|letter| letter >> 5).chain([0]).chain(prefix.map(|letter| letter & 31))
}

fn polymod(values: &[u8]) -> u32 {
    const GENERATOR: [u32; 5] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];
    values.iter().fold(1_u32, |checksum, value| {
        let top = checksum >> 25;
        let shifted = ((checksum & 0x1ff_ffff) << 5) ^ u32::from(*value);
        GENERATOR.iter().enumerate().filter(|(bit, _)| (top >> bit) & 1 == 1).fold(shifted, |sum, (_, it)| sum ^ it)
    })
}

fn five_bits(bytes: &[u8]) -> Vec<u8> {
    let (mut out, mut held, mut bits) = (Vec::new(), 0_u32, 0_u32);
    for byte in bytes {
        held = (held << 8) | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            out.push(low_byte(held >> bits) & 31);
        }
        held &= (1 << bits) - 1;
    }
    if bits > 0 {
        out.push(low_byte(held << (5 - bits)) & 31);
    }
    out
}

fn low_byte(value: u32) -> u8 {
    let [low, ..] = value.to_le_bytes();
    low
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bitcoin_addresses_are_those_of_bip_173() {
        let program = hex::decode("751e76e8199196d454941c45d1b3a323f1433bd6").unwrap();
        assert_eq!(segwit(&program), "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4");
    }

    #[test]
    fn no_two_addresses_are_the_same() {
        assert_ne!(btc().unwrap(), btc().unwrap());
        let evm = evm().unwrap();
        assert!(evm.len() == 42 && evm.starts_with("0x"), "{evm}");
    }
}
