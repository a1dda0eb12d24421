//! Soroban authorization entries whose signature a wallet has to check for itself, where the SDK's
//! mocked authorizations would skip `__check_auth`.

extern crate std;

use sha2::{Digest, Sha256};
use soroban_sdk::{
    xdr::{
        Hash, HashIdPreimage, HashIdPreimageSorobanAuthorization, InvokeContractArgs, Limits,
        ScAddress, ScVal, SorobanAddressCredentials, SorobanAddressCredentialsWithDelegates,
        SorobanAuthorizationEntry, SorobanAuthorizedFunction, SorobanAuthorizedInvocation,
        SorobanCredentials, SorobanDelegateSignature, VecM, WriteXdr,
    },
    Address,
};

/// The 32 bytes that `__check_auth` gets for `invocation`: what the passkey signs as its challenge.
pub fn authorization_payload(
    network_id: [u8; 32],
    nonce: i64,
    signature_expiration_ledger: u32,
    invocation: &SorobanAuthorizedInvocation,
) -> [u8; 32] {
    let preimage = HashIdPreimage::SorobanAuthorization(HashIdPreimageSorobanAuthorization {
        network_id: Hash(network_id),
        nonce,
        signature_expiration_ledger,
        invocation: invocation.clone(),
    });
    Sha256::digest(preimage.to_xdr(Limits::none()).unwrap()).into()
}

/// An entry by which `account` authorizes one call without sub-calls, with the signature that
/// `sign` makes of the payload.
pub fn authorize(
    account: &Address,
    call: InvokeContractArgs,
    network_id: [u8; 32],
    nonce: i64,
    signature_expiration_ledger: u32,
    sign: impl FnOnce(&[u8; 32]) -> std::vec::Vec<u8>,
) -> SorobanAuthorizationEntry {
    let root_invocation = SorobanAuthorizedInvocation {
        function: SorobanAuthorizedFunction::ContractFn(call),
        sub_invocations: VecM::default(),
    };
    let payload = authorization_payload(
        network_id,
        nonce,
        signature_expiration_ledger,
        &root_invocation,
    );
    SorobanAuthorizationEntry {
        credentials: SorobanCredentials::Address(SorobanAddressCredentials {
            address: ScAddress::from(account),
            nonce,
            signature_expiration_ledger,
            signature: ScVal::Bytes(sign(&payload).try_into().unwrap()),
        }),
        root_invocation,
    }
}

/// `entry` with one delegate of its account (CAP-71), who signs `signature`.
pub fn authorize_with_delegate(
    entry: SorobanAuthorizationEntry,
    delegate: &Address,
    signature: ScVal,
) -> SorobanAuthorizationEntry {
    let SorobanCredentials::Address(address_credentials) = entry.credentials else {
        panic!("not the credentials of one address");
    };
    let delegate = SorobanDelegateSignature {
        address: ScAddress::from(delegate),
        signature,
        nested_delegates: VecM::default(),
    };
    SorobanAuthorizationEntry {
        credentials: SorobanCredentials::AddressWithDelegates(
            SorobanAddressCredentialsWithDelegates {
                address_credentials,
                delegates: std::vec![delegate].try_into().unwrap(),
            },
        ),
        root_invocation: entry.root_invocation,
    }
}
