//! A member that is a contract and asks for the guardian's consent itself, as a wallet does that is
//! guarded by a guardian of which it is a member.

extern crate std;

use super::world::{entry, invocation, World};
use crate::Guardian;
use soroban_sdk::{
    xdr::{ScVal, SorobanCredentials},
    Vec,
};

#[test]
fn a_member_that_asks_for_consent_has_not_given_it() {
    let mut world = World::new();
    let honest = world.members[0].clone();
    let mut members = [world.guarded.clone(), honest.address.clone()];
    members.sort();
    let members = Vec::from_array(&world.env, members);
    // Both have to sign.
    world.guardian = world.env.register(Guardian, (members.clone(), 2u32));
    let call = world.invocation("rotate_signer");

    // One does: the signature lists both, and only the classic account adds an entry.
    let listed: std::vec::Vec<ScVal> = members
        .iter()
        .map(|member| ScVal::Address((&member).into()))
        .collect();
    let signature = ScVal::Vec(Some(listed.try_into().unwrap()));
    let of_guardian = entry(&world.guardian, signature, call.clone());
    let payload = world.payload(&of_guardian, None);
    assert!(!world.invoke(&call, std::vec![of_guardian.clone()]));

    let payload = ScVal::Bytes(payload.to_vec().try_into().unwrap());
    let check = invocation(&world.guardian, "__check_auth", &[payload]);
    let mut of_honest = entry(&honest.address, ScVal::Void, check);
    let signature = honest.sign(&world.payload(&of_honest, None));
    let SorobanCredentials::Address(credentials) = &mut of_honest.credentials else {
        unreachable!()
    };
    credentials.signature = signature;
    assert!(!world.invoke(&call, std::vec![of_guardian, of_honest]));
}
