//! The policy's event. With it and the wallet's own events an indexer alone can add an expired
//! session again, limits included. The struct is the specification (SEP-48); `publish` makes the
//! same from encodings, so that the specification has to be told of it by its marker.

use latchkey_interface::{memory::room, xdr::Writer};
use latchkey_policy_installation::PolicyUninstalled;
use soroban_sdk::{
    contractevent, unwrap::UnwrapOptimized, xdr::FromXdr, Address, Bytes, Env, SpecShakingMarker,
    TryFromVal, Val, Vec,
};

use crate::{limit::Limit, state::MAX_LIMITS_BYTES};

#[contractevent(sparse = false)]
pub struct CallLimitsInstalled {
    #[topic]
    pub wallet: Address,
    #[topic]
    pub signer: u32,
    pub limits: Vec<Limit>,
}

/// `wallet` is an encoded address, `limits` an encoded `Vec<Limit>`.
pub fn installed(env: &Env, wallet: &[u8], signer: u32, limits: &[u8]) {
    CallLimitsInstalled::spec_shaking_marker();
    publish(
        env,
        "call_limits_installed",
        wallet,
        signer,
        Some(("limits", limits)),
    );
}

pub fn uninstalled(env: &Env, wallet: &[u8], signer: u32) {
    PolicyUninstalled::spec_shaking_marker();
    publish(env, "policy_uninstalled", wallet, signer, None);
}

#[inline(never)]
#[allow(deprecated)]
fn publish(env: &Env, name: &str, wallet: &[u8], signer: u32, field: Option<(&str, &[u8])>) {
    let mut memory = room::<128>();
    let mut topics = Writer::new(&mut memory);
    topics.vec(3);
    topics.symbol(name);
    topics.raw(wallet);
    topics.u32(signer);
    let mut memory = room::<{ MAX_LIMITS_BYTES + 64 }>();
    let mut data = Writer::new(&mut memory);
    data.map(field.iter().count());
    if let Some((name, value)) = field {
        data.symbol(name);
        data.raw(value);
    }
    let topics: Vec<Val> = decode(env, topics.written());
    env.events()
        .publish(topics, decode::<Val>(env, data.written()));
}

fn decode<T: TryFromVal<Env, Val>>(env: &Env, encoding: &[u8]) -> T {
    let value = Val::from_xdr(env, &Bytes::from_slice(env, encoding)).unwrap_optimized();
    T::try_from_val(env, &value).ok().unwrap_optimized()
}
