//! `deploy_and_call`: the first thing a wallet does, in the transaction that creates it, and what
//! somebody gains who makes the factory call: nothing that is anybody's else.

extern crate std;

use latchkey_calls::{Call, CallsError};
use latchkey_interface::{
    testutils::{authorization_payload, SoftwareAuthenticator},
    WalletError,
};
use soroban_sdk::{
    contract, contractimpl, symbol_short,
    testutils::{Address as _, Ledger as _},
    token::{StellarAssetClient, TokenClient},
    xdr::{
        InvokeContractArgs, ScVal, SorobanAddressCredentials, SorobanAuthorizationEntry,
        SorobanAuthorizedFunction, SorobanAuthorizedInvocation, SorobanCredentials,
    },
    Address, BytesN, ContractExecutable, Env, Error, IntoVal, Symbol, TryFromVal, Val, Vec,
};
use std::vec::Vec as StdVec;

use super::world::World;

#[contract]
pub struct Target;

#[contractimpl]
impl Target {
    pub fn count(env: Env) -> u32 {
        let key = symbol_short!("count");
        let count = env.storage().instance().get(&key).unwrap_or(0u32) + 1;
        env.storage().instance().set(&key, &count);
        count
    }

    /// Deploys in the name of `deployer`.
    pub fn deploy_as(env: Env, deployer: Address, wasm_hash: BytesN<32>, salt: BytesN<32>) {
        let executable = ContractExecutable::Wasm(wasm_hash);
        let deployer = env.deployer().with_address(deployer, salt);
        deployer.deploy_contract(executable, ());
    }
}

struct Funded {
    world: World,
    token: Address,
    target: Address,
    /// Announced, and holds 100 of the token.
    wallet: Address,
}

impl Funded {
    fn new() -> Self {
        let world = World::new();
        let env = &world.env;
        let issuer = Address::generate(env);
        let token = env.register_stellar_asset_contract_v2(issuer).address();
        let wallet = world.client().address_of(&world.salt(7), &world.init());
        env.mock_all_auths();
        StellarAssetClient::new(env, &token).mint(&wallet, &100);
        env.set_auths(&[]);
        Self {
            target: env.register(Target, ()),
            token,
            wallet,
            world,
        }
    }

    fn call(
        &self,
        contract: &Address,
        function: &str,
        arguments: impl IntoVal<Env, Vec<Val>>,
    ) -> Call {
        Call {
            arguments: arguments.into_val(&self.world.env),
            contract: contract.clone(),
            function: Symbol::new(&self.world.env, function),
        }
    }

    fn count(&self) -> Call {
        self.call(&self.target, "count", ())
    }

    fn transfer(&self, to: &Address, amount: i128) -> Call {
        self.call(&self.token, "transfer", (&self.wallet, to, amount))
    }

    fn balance(&self, holder: &Address) -> i128 {
        TokenClient::new(&self.world.env, &self.token).balance(holder)
    }

    /// The wallet's entry for `calls`, of which `required` ask for it, signed by its passkey.
    fn signed(&self, calls: &[Call], required: &[Call]) -> SorobanAuthorizationEntry {
        let env = &self.world.env;
        let calls = Vec::from_slice(env, calls);
        let root = self.call(&self.world.factory, "deploy_and_call", (calls,));
        let required: StdVec<_> = required
            .iter()
            .map(|call| self.invocation(call, StdVec::new()))
            .collect();
        let root_invocation = self.invocation(&root, required);
        let (nonce, last) = (1, env.ledger().sequence() + 100);
        let network_id = env.ledger().get().network_id;
        let payload = authorization_payload(network_id, nonce, last, &root_invocation);
        // The signer with id 0.
        let mut signature = std::vec![0, 0, 0];
        signature.extend(SoftwareAuthenticator::new(9).sign(&payload));
        SorobanAuthorizationEntry {
            credentials: SorobanCredentials::Address(SorobanAddressCredentials {
                address: (&self.wallet).into(),
                nonce,
                signature_expiration_ledger: last,
                signature: ScVal::Bytes(signature.try_into().unwrap()),
            }),
            root_invocation,
        }
    }

    fn invocation(
        &self,
        call: &Call,
        sub_invocations: StdVec<SorobanAuthorizedInvocation>,
    ) -> SorobanAuthorizedInvocation {
        let env = &self.world.env;
        let arguments: StdVec<ScVal> = call
            .arguments
            .iter()
            .map(|argument| ScVal::try_from_val(env, &argument).unwrap())
            .collect();
        let ScVal::Symbol(function_name) =
            ScVal::try_from_val(env, &call.function.to_val()).unwrap()
        else {
            unreachable!()
        };
        SorobanAuthorizedInvocation {
            function: SorobanAuthorizedFunction::ContractFn(InvokeContractArgs {
                contract_address: (&call.contract).into(),
                function_name,
                args: arguments.try_into().unwrap(),
            }),
            sub_invocations: sub_invocations.try_into().unwrap(),
        }
    }

    fn run(
        &self,
        calls: &[Call],
        entries: &[SorobanAuthorizationEntry],
    ) -> Result<Vec<Val>, Option<Error>> {
        let world = &self.world;
        world.env.set_auths(entries);
        let calls = Vec::from_slice(&world.env, calls);
        let (salt, init) = (world.salt(7), world.init());
        let outcome = world.client().try_deploy_and_call(&salt, &init, &calls);
        world.env.set_auths(&[]);
        match outcome {
            Ok(results) => Ok(results.unwrap()),
            Err(error) => Err(error.ok()),
        }
    }
}

#[test]
fn a_new_wallet_acts_in_the_transaction_that_creates_it() {
    let funded = Funded::new();
    let payee = Address::generate(&funded.world.env);
    let calls = [funded.transfer(&payee, 60), funded.count()];
    let entry = funded.signed(&calls, &calls[..1]);
    let results = funded.run(&calls, &[entry]).unwrap();
    assert_eq!(results.len(), 2);
    assert!(funded.wallet.exists());
    assert_eq!(funded.balance(&payee), 60);
}

#[test]
fn a_wallet_that_exists_acts_as_well() {
    let funded = Funded::new();
    let payee = Address::generate(&funded.world.env);
    let world = &funded.world;
    world.client().deploy(&world.salt(7), &world.init());
    let calls = [funded.transfer(&payee, 60)];
    let entry = funded.signed(&calls, &calls);
    funded.run(&calls, &[entry]).unwrap();
    assert_eq!(funded.balance(&payee), 60);
}

#[test]
fn all_or_nothing() {
    let funded = Funded::new();
    let payee = Address::generate(&funded.world.env);
    let calls = [funded.transfer(&payee, 60), funded.transfer(&payee, 41)];
    let entry = funded.signed(&calls, &calls);
    assert!(funded.run(&calls, &[entry]).is_err());
    assert!(!funded.wallet.exists());
    assert_eq!(funded.balance(&payee), 0);
}

#[test]
fn calls_that_the_wallet_did_not_sign_are_not_made() {
    let funded = Funded::new();
    let payee = Address::generate(&funded.world.env);
    let signed = [funded.transfer(&payee, 60)];
    let other = [funded.transfer(&payee, 61)];
    let more = [signed[0].clone(), funded.count()];
    assert!(funded.run(&signed, &[]).is_err());
    for calls in [&other[..], &more, &more[1..]] {
        assert!(funded
            .run(calls, &[funded.signed(&signed, &signed)])
            .is_err());
    }
    assert!(funded.run(&signed, &[funded.signed(&signed, &[])]).is_err());
    assert!(!funded.wallet.exists());
    let entry = funded.signed(&signed, &signed);
    funded.run(&signed, &[entry]).unwrap();
}

#[test]
fn makes_1_to_32_calls_and_none_to_itself() {
    let funded = Funded::new();
    let run = |calls: &[Call]| funded.run(calls, &[funded.signed(calls, &[])]);
    let error = |error: CallsError| Err(Some(error.into()));
    assert_eq!(run(&[]), error(CallsError::NoCalls));
    let many: StdVec<Call> = (0..33).map(|_| funded.count()).collect();
    assert_eq!(run(&many), error(CallsError::TooManyCalls));
    let own = funded.call(&funded.world.factory, "wallet_wasm_hash", ());
    assert_eq!(run(&[funded.count(), own]), error(CallsError::OwnCall));
    assert!(!funded.wallet.exists());
    assert_eq!(run(&many[1..]).unwrap().len(), 32);
}

#[test]
fn bad_signers_have_the_wallet_s_errors() {
    let funded = Funded::new();
    let world = &funded.world;
    let init =
        world.with_passkey(|passkey| passkey.public_key = BytesN::from_array(&world.env, &[4; 65]));
    let calls = soroban_sdk::vec![&world.env, funded.count()];
    let outcome = world
        .client()
        .try_deploy_and_call(&world.salt(7), &init, &calls);
    let expected: Error = WalletError::InvalidPublicKey.into();
    assert_eq!(outcome, Err(Ok(expected)));
}

/// Whoever could would put code of theirs at the addresses of wallets.
#[test]
fn what_the_factory_calls_cannot_deploy_in_its_name() {
    let funded = Funded::new();
    let world = &funded.world;
    let code = world
        .env
        .deployer()
        .upload_contract_wasm(&include_bytes!("../../../wasm/batch.wasm")[..]);
    let victim = world.variants().remove(0).1;
    let salt = world.deployment_salt(&world.salt(7), &victim);
    let announced = world.client().address_of(&world.salt(7), &victim);
    let deploy_as = |deployer: &Address| {
        let calls = [funded.call(&funded.target, "deploy_as", (deployer, &code, &salt))];
        funded.run(&calls, &[funded.signed(&calls, &[])])
    };
    assert!(deploy_as(&world.factory).is_err());
    assert!(!announced.exists());
    deploy_as(&funded.target).unwrap();
    let wallet = world.client().deploy(&world.salt(7), &victim);
    assert_eq!(wallet, announced);
}

/// Why nobody may trust this address with anything.
#[test]
fn what_the_factory_owns_is_anybodys() {
    let funded = Funded::new();
    let world = &funded.world;
    world.env.mock_all_auths();
    StellarAssetClient::new(&world.env, &funded.token).mint(&world.factory, &100);
    world.env.set_auths(&[]);
    let thief = Address::generate(&world.env);
    let calls = [funded.call(&funded.token, "transfer", (&world.factory, &thief, 100i128))];
    funded.run(&calls, &[funded.signed(&calls, &[])]).unwrap();
    assert_eq!(funded.balance(&thief), 100);
}
