//! How long calls may be that somebody has to look at, and how they are read.

extern crate std;

use latchkey_interface::WalletError;
use soroban_sdk::{auth::Context, xdr::ToXdr, Vec};

use super::world::{Key, Verdict, World, OWNER};
use crate::calls::for_each;

const MAX_CALLS_BYTES: u32 = 8192;
const TOO_LONG: Verdict = Err(Some(WalletError::CallsTooLong));

/// A call of `function` whose whole encoding as the only one has `bytes`, a multiple of 4.
pub fn call_of_length(world: &World, bytes: u32) -> [Context; 1] {
    let with = |length: usize| {
        let filler = soroban_sdk::Bytes::from_slice(&world.env, &std::vec![0; length]);
        [world.context(&world.shop, "buy", (filler,))]
    };
    let encoded =
        |calls: &[Context; 1]| Vec::from_slice(&world.env, calls).to_xdr(&world.env).len();
    let calls = with((bytes - encoded(&with(0))) as usize);
    assert_eq!(encoded(&calls), bytes);
    calls
}

#[test]
fn calls_that_somebody_looks_at_have_a_greatest_length() {
    let (session, other) = (Key::Ed25519(1), Key::Ed25519(2));
    let world = World::of_admins(&[&OWNER, &other], 2);
    let both = [(0, &OWNER), (1, &other)];
    let add = (world.session(&session, 10), world.no_policies());
    assert_eq!(world.call(&both, "add", add), Ok(2u32));
    let (most, more) = (
        call_of_length(&world, MAX_CALLS_BYTES),
        call_of_length(&world, MAX_CALLS_BYTES + 4),
    );
    for signer in [(2, &session), (0, &OWNER)] {
        assert_eq!(world.verdict(&[signer], &most), Ok(()));
        assert_eq!(world.verdict(&[signer], &more), TOO_LONG);
    }
}

#[test]
fn calls_that_nobody_looks_at_may_be_longer() {
    let world = World::new();
    let other = Key::Ed25519(1);
    let id = world.add(other.admin(&world.env));
    let calls = call_of_length(&world, 4 * MAX_CALLS_BYTES);
    for signer in [(0, &OWNER), (id, &other)] {
        assert_eq!(world.verdict(&[signer], &calls), Ok(()));
    }
}

#[test]
fn calls_are_read_as_the_host_wrote_them() {
    let world = World::new();
    let calls = [
        world.purchase(),
        world.own_call(),
        world.context(&world.wallet, "a_function_with_a_long_name_a32c", ()),
    ];
    let encoded = Vec::from_slice(&world.env, &calls).to_xdr(&world.env);
    let encoded = encoded.iter().collect::<std::vec::Vec<u8>>();
    let mut seen = 0;
    let read = for_each(&encoded, |call| {
        let Context::Contract(expected) = &calls[seen] else {
            panic!("a call")
        };
        let call = call.unwrap();
        let to_vec = |bytes: soroban_sdk::Bytes| bytes.iter().collect::<std::vec::Vec<u8>>();
        let contract = to_vec(expected.contract.clone().to_xdr(&world.env));
        assert_eq!(call.contract, &contract[4..]);
        let function = std::string::ToString::to_string(&expected.fn_name);
        assert_eq!(call.function, function.as_bytes());
        let arguments = to_vec(expected.args.clone().to_xdr(&world.env));
        assert_eq!(call.arguments, arguments);
        seen += 1;
        Ok(())
    });
    assert_eq!((read, seen), (Ok(()), 3));
    for length in 0..encoded.len() {
        let cut = for_each(&encoded[..length], |_| Ok(()));
        assert_eq!(cut, Err(WalletError::MalformedArgument), "{length}");
    }
    let refused = for_each(&encoded, |_| Err(WalletError::CallNotAllowed));
    assert_eq!(refused, Err(WalletError::CallNotAllowed));
}
