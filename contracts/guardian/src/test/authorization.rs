//! What m of n members authorize: with entries of their own, and as delegated signers.

extern crate std;

use std::{vec, vec::Vec};

use soroban_sdk::{
    auth::{
        Context, ContractContext, ContractExecutable, CreateContractHostFnContext,
        CreateContractWithConstructorHostFnContext,
    },
    xdr::{ScVal, SorobanAuthorizedFunction},
    Address, BytesN, IntoVal, Symbol,
};

use super::world::{delegate, entry, invocation, with_delegates, Member, World};
use crate::{Guardian, GuardianError};

fn pairs(world: &World) -> Vec<[&Member; 2]> {
    let [a, b, c] = &world.members[..] else {
        unreachable!()
    };
    vec![[a, b], [a, c], [b, c]]
}

/// `__check_auth` alone, which refuses calls before it looks at signatures.
fn error_for(world: &World, contexts: &[Context]) -> GuardianError {
    world
        .env
        .try_invoke_contract_check_auth::<GuardianError>(
            &world.guardian,
            &BytesN::from_array(&world.env, &[7; 32]),
            ().into_val(&world.env),
            &soroban_sdk::Vec::from_slice(&world.env, contexts),
        )
        .unwrap_err()
        .unwrap()
}

fn refusal_of_listed(world: &World, signers: &[&Member]) -> Option<u32> {
    let call = world.invocation("rotate_signer");
    world.refusal(&call, world.entries(&call, signers, signers))
}

fn refusal_of_delegated(world: &World, signature: ScVal, signers: &[&Member]) -> Option<u32> {
    let call = world.invocation("rotate_signer");
    world.refusal(&call, world.delegated(&call, signature, signers))
}

fn code(error: GuardianError) -> Option<u32> {
    Some(error as u32)
}

fn rotation(world: &World) -> Context {
    context(world, &world.guarded, "rotate_signer")
}

fn context(world: &World, contract: &Address, function: &str) -> Context {
    Context::Contract(ContractContext {
        contract: contract.clone(),
        fn_name: Symbol::new(&world.env, function),
        args: soroban_sdk::Vec::new(&world.env),
    })
}

#[test]
fn any_two_of_three_rotate_and_propose_by_entries_of_their_own() {
    let world = World::new();
    for function in ["rotate_signer", "propose"] {
        let call = world.invocation(function);
        for pair in pairs(&world) {
            let world = World::new();
            let call = world.invocation(function);
            assert!(world.invoke(&call, world.entries(&call, &pair, &pair)));
        }
        assert!(!world.invoke(&call, vec![]));
    }
}

#[test]
fn any_two_of_three_rotate_and_propose_as_delegated_signers() {
    for function in ["rotate_signer", "propose"] {
        for pair in pairs(&World::new()) {
            let world = World::new();
            let call = world.invocation(function);
            assert!(world.invoke(&call, world.delegated(&call, ScVal::Void, &pair)));
        }
    }
}

#[test]
fn members_who_are_listed_have_to_sign() {
    let world = World::new();
    let call = world.invocation("rotate_signer");
    let [a, b, c] = [0, 1, 2].map(|index| &world.members[index]);
    assert!(!world.invoke(&call, world.entries(&call, &[a, b], &[])));
    assert!(!world.invoke(&call, world.entries(&call, &[a, b], &[a])));
    assert!(!world.invoke(&call, world.entries(&call, &[a, b], &[a, c])));
    let mut forged = (*b).clone();
    forged.address = a.address.clone();
    assert!(!world.invoke(&call, world.entries(&call, &[a, b], &[&forged, b])));
    assert!(!world.invoke(&call, world.delegated(&call, ScVal::Void, &[&forged, b])));
}

#[test]
fn a_signature_is_for_one_call() {
    let world = World::new();
    let pair = [&world.members[0], &world.members[1]];
    let call = world.invocation("rotate_signer");
    let other = world.invocation("propose");
    for mut entries in [
        world.entries(&call, &pair, &pair),
        world.delegated(&call, ScVal::Void, &pair),
    ] {
        entries[0].root_invocation.function = SorobanAuthorizedFunction::ContractFn(other.clone());
        assert!(!world.invoke(&other, entries));
    }
}

#[test]
fn a_signature_is_used_once() {
    let world = World::new();
    let pair = [&world.members[0], &world.members[1]];
    let call = world.invocation("rotate_signer");
    for entries in [
        world.entries(&call, &pair, &pair),
        world.delegated(&call, ScVal::Void, &pair),
    ] {
        assert!(world.invoke(&call, entries.clone()));
        assert!(!world.invoke(&call, entries));
    }
}

#[test]
fn refuses_fewer_and_more_than_the_threshold() {
    let world = World::new();
    let [a, b, c] = [0, 1, 2].map(|index| &world.members[index]);
    let expected = code(GuardianError::WrongSignatureCount);
    for signers in [vec![], vec![a], vec![a, b, c]] {
        assert_eq!(refusal_of_listed(&world, &signers), expected);
        assert_eq!(
            refusal_of_delegated(&world, ScVal::Void, &signers),
            expected
        );
    }
}

#[test]
fn refuses_members_out_of_order_or_twice() {
    let world = World::new();
    let [a, b] = [&world.members[0], &world.members[1]];
    let expected = code(GuardianError::InvalidSignatureOrder);
    assert_eq!(refusal_of_listed(&world, &[b, a]), expected);
    assert_eq!(refusal_of_listed(&world, &[a, a]), expected);
}

#[test]
fn refuses_who_is_no_member() {
    let world = World::new();
    let expected = code(GuardianError::UnknownMember);
    for member in &world.members {
        let mut signers = [member, &world.stranger];
        signers.sort_by(|a, b| a.address.cmp(&b.address));
        assert_eq!(refusal_of_listed(&world, &signers), expected);
        assert_eq!(
            refusal_of_delegated(&world, ScVal::Void, &signers),
            expected
        );
    }
}

#[test]
fn refuses_a_list_beside_delegated_signers() {
    let world = World::new();
    let pair = [&world.members[0], &world.members[1]];
    let listed = pair.map(|member| ScVal::Address((&member.address).into()));
    for list in [listed.to_vec(), vec![]] {
        let list = ScVal::Vec(Some(list.try_into().unwrap()));
        let expected = code(GuardianError::MixedSignatures);
        assert_eq!(refusal_of_delegated(&world, list, &pair), expected);
    }
}

#[test]
fn a_void_signature_without_delegated_signers_is_none() {
    let world = World::new();
    let call = world.invocation("rotate_signer");
    let entries = vec![entry(&world.guardian, ScVal::Void, call.clone())];
    let expected = code(GuardianError::WrongSignatureCount);
    assert_eq!(world.refusal(&call, entries), expected);
}

#[test]
fn authorizes_no_other_call_of_other_contracts() {
    let world = World::new();
    let pair = [&world.members[0], &world.members[1]];
    let expected = code(GuardianError::CallNotAllowed);
    for function in ["transfer", "set_members"] {
        let call = world.invocation(function);
        let listed = world.entries(&call, &pair, &pair);
        assert_eq!(world.refusal(&call, listed), expected);
        let delegated = world.delegated(&call, ScVal::Void, &pair);
        assert_eq!(world.refusal(&call, delegated), expected);
    }
}

#[test]
fn authorizes_no_call_of_itself_but_set_members() {
    let world = World::new();
    for function in ["rotate_signer", "propose", "members", "__check_auth"] {
        let error = error_for(&world, &[context(&world, &world.guardian, function)]);
        assert_eq!(error, GuardianError::CallNotAllowed);
    }
}

#[test]
fn refuses_a_rotation_that_comes_with_another_call() {
    let world = World::new();
    let transfer = context(&world, &world.guarded, "transfer");
    let error = error_for(&world, &[rotation(&world), transfer.clone()]);
    assert_eq!(error, GuardianError::CallNotAllowed);
    let error = error_for(&world, &[transfer, rotation(&world)]);
    assert_eq!(error, GuardianError::CallNotAllowed);
}

#[test]
fn creates_no_contracts() {
    let world = World::new();
    let executable = ContractExecutable::Wasm(BytesN::from_array(&world.env, &[1; 32]));
    let salt = BytesN::from_array(&world.env, &[2; 32]);
    let creations = [
        Context::CreateContractHostFn(CreateContractHostFnContext {
            executable: executable.clone(),
            salt: salt.clone(),
        }),
        Context::CreateContractWithCtorHostFn(CreateContractWithConstructorHostFnContext {
            executable,
            salt,
            constructor_args: soroban_sdk::Vec::new(&world.env),
        }),
    ];
    for creation in creations {
        assert_eq!(
            error_for(&world, &[creation]),
            GuardianError::CallNotAllowed
        );
    }
}

#[test]
fn refuses_a_list_of_something_else_than_addresses() {
    let world = World::new();
    let call = world.invocation("rotate_signer");
    let numbers = vec![ScVal::U32(1), ScVal::U32(2)];
    for signature in [ScVal::U32(2), ScVal::Vec(Some(numbers.try_into().unwrap()))] {
        assert!(!world.invoke(&call, vec![entry(&world.guardian, signature, call.clone())]));
    }
}

#[test]
fn a_guardian_can_be_a_member_by_delegation_alone() {
    let world = World::new();
    let members = soroban_sdk::vec![&world.env, world.guardian.clone()];
    let outer = world.env.register(Guardian, (members, 1u32));
    let call = invocation(
        &world.guarded,
        "rotate_signer",
        &[ScVal::Address((&outer).into())],
    );
    let outer_entry = entry(&outer, ScVal::Void, call.clone());
    let payload = world.payload(&outer_entry, Some(&outer));
    let inner = |count: usize| {
        let signers = world.members[..count].iter();
        let nested = signers
            .map(|member| delegate(&member.address, member.sign(&payload), vec![]))
            .collect();
        with_delegates(
            outer_entry.clone(),
            vec![delegate(&world.guardian, ScVal::Void, nested)],
        )
    };
    assert!(!world.invoke(&call, vec![inner(1)]));
    assert!(world.invoke(&call, vec![inner(2)]));
    let check = context(&world, &outer, "__check_auth");
    assert_eq!(error_for(&world, &[check]), GuardianError::CallNotAllowed);
}
