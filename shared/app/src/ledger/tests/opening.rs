use std::collections::BTreeMap;

use domain::{
    error::{Class, Classify as _},
    ids::{ChainAddress, CryptoAddress, CustodyAccountId, CustomerId, HolderId, StreamId},
    ledger::{
        address::AddressClaim,
        holder::{Holder, HolderState},
    },
};
use futures::executor::block_on;
use money::Asset;
use uuid::Uuid;

use super::world::{ADDRESS, World, account, cause, customer};
use crate::ledger::{LedgerError, claim_addresses, open_accounts};

fn open(world: &std::sync::Arc<World>, customer: CustomerId) {
    block_on(open_accounts(&world.streams(), customer, &cause())).unwrap();
}

fn addresses() -> BTreeMap<Asset, ChainAddress> {
    let bitcoin = "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq";
    let of = |asset, text: &str| (asset, text.parse().unwrap());
    [of(Asset::Usdc, ADDRESS), of(Asset::Eth, ADDRESS), of(Asset::Btc, bitcoin)].into()
}

fn claim(
    world: &std::sync::Arc<World>,
    customer: CustomerId,
    vault_account: &str,
    addresses: &BTreeMap<Asset, ChainAddress>,
) -> Result<(), LedgerError> {
    let vault_account: CustodyAccountId = vault_account.parse().unwrap();
    block_on(claim_addresses(&world.streams(), customer, &vault_account, addresses, &cause()))
}

#[test]
fn a_customer_gets_all_accounts_at_once_and_only_once() {
    let world = World::open();
    open(&world, customer());
    assert_eq!(world.count(), 5 + 2 + 1, "accounts, references, and the holder");
    assert_eq!(world.load::<Holder>(HolderId(customer())).state, HolderState::AccountsOpened);
    open(&world, customer());
    assert_eq!(world.count(), 8);
}

#[test]
fn whoever_had_accounts_before_anyone_said_so_is_told_of_as_well() {
    let world = World::open();
    open(&world, customer());
    world.forget(StreamId::from(HolderId(customer())));
    open(&world, customer());
    assert_eq!(world.load::<Holder>(HolderId(customer())).state, HolderState::AccountsOpened);
    assert_eq!(world.count(), 8);
}

#[test]
fn addresses_become_the_customers_all_at_once_and_only_once() {
    let world = World::open();
    open(&world, customer());
    claim(&world, customer(), "17", &addresses()).unwrap();
    assert_eq!(world.count(), 8 + 3 + 1);
    let HolderState::Ready { vault_account, addresses: given } = world.load::<Holder>(HolderId(customer())).state
    else {
        panic!("not ready");
    };
    assert_eq!((vault_account.as_str(), given), ("17", addresses()));
    let ether = CryptoAddress::of(Asset::Eth, &ADDRESS.parse().unwrap()).unwrap();
    assert_eq!(world.load::<AddressClaim>(ether).state.owner(), Some(&account(Asset::Eth)));
    claim(&world, customer(), "17", &addresses()).unwrap();
    assert_eq!(world.count(), 12);
}

#[test]
fn no_second_addresses_and_no_addresses_of_others() {
    let world = World::open();
    open(&world, customer());
    claim(&world, customer(), "17", &addresses()).unwrap();
    let code = |outcome: Result<(), LedgerError>| outcome.map_err(|error| (error.code(), error.class())).unwrap_err();
    let differently = ("HOLDER_READY_DIFFERENTLY", Class::Bug);
    assert_eq!(code(claim(&world, customer(), "18", &addresses())), differently);
    let other = CustomerId::new(Uuid::from_u128(2));
    assert_eq!(code(claim(&world, other, "18", &addresses())), ("HOLDER_NOT_OPEN", Class::Bug));
    open(&world, other);
    let before = world.count();
    assert_eq!(code(claim(&world, other, "18", &addresses())), ("DEPOSIT_ADDRESS_TAKEN", Class::Bug));
    assert_eq!(world.count(), before);
}

#[test]
fn pounds_have_no_address() {
    let world = World::open();
    open(&world, customer());
    let pounds = [(Asset::Gbp, ADDRESS.parse().unwrap())].into();
    assert_eq!(claim(&world, customer(), "17", &pounds).unwrap_err().code(), "ID_INVALID");
}
