//! A wallet whose signer needs two of three approvers.

extern crate std;

use latchkey_policy_installation::testutils::{self, SIGNER};
use soroban_sdk::{
    auth::Context,
    testutils::{Address as _, MockAuth, MockAuthInvoke},
    Address, BytesN, Error, IntoVal, Val, Vec,
};

use crate::{Approvals, ApprovalsClient, ApprovalsError, Approvers};

pub struct World {
    pub base: testutils::World,
    pub approvers: [Address; 3],
}

impl World {
    pub fn new() -> Self {
        let base = testutils::World::new(|env| env.register(Approvals, ()));
        let approvers = [(); 3].map(|()| Address::generate(&base.env));
        Self { base, approvers }
    }

    pub fn installed() -> Self {
        let world = Self::new();
        world.base.install(world.any(2, &[0, 1, 2])).unwrap();
        world
    }

    pub fn any(&self, threshold: u32, approvers: &[usize]) -> Approvers {
        let approvers = approvers.iter().map(|index| self.approvers[*index].clone());
        Approvers {
            approvers: Vec::from_iter(&self.base.env, approvers),
            threshold,
        }
    }

    pub fn client(&self) -> ApprovalsClient<'_> {
        ApprovalsClient::new(&self.base.env, &self.base.policy)
    }

    pub fn calls(&self, amount: i128) -> [Context; 1] {
        let arguments = (&self.base.wallet, &self.base.stranger, amount);
        [self.base.call(&self.base.stranger, "transfer", arguments)]
    }

    pub fn hash(&self, contexts: &[Context]) -> BytesN<32> {
        let contexts = Vec::from_slice(&self.base.env, contexts);
        self.client().hash(&contexts)
    }

    /// The approver's own approval, for 10 more ledgers.
    pub fn approve(&self, approver: usize, contexts: &[Context]) {
        let last = self.base.env.ledger().sequence() + 10;
        let approver = &self.approvers[approver];
        let hash = self.hash(contexts);
        self.approve_until(approver, SIGNER, &hash, last).unwrap();
    }

    pub fn approve_until(
        &self,
        approver: &Address,
        signer: u32,
        contexts_hash: &BytesN<32>,
        last: u32,
    ) -> Result<(), Error> {
        let wallet = &self.base.wallet;
        let arguments = (approver, wallet, signer, contexts_hash, last);
        self.authorize(approver, "approve", arguments);
        let outcome = self
            .client()
            .try_approve(approver, wallet, &signer, contexts_hash, &last);
        self.base.env.set_auths(&[]);
        match outcome {
            Ok(result) => Ok(result.unwrap()),
            Err(error) => Err(error.unwrap().into()),
        }
    }

    pub fn revoke(&self, approver: usize, contexts: &[Context]) {
        let approver = &self.approvers[approver];
        let hash = self.hash(contexts);
        self.authorize(
            approver,
            "revoke",
            (approver, &self.base.wallet, SIGNER, &hash),
        );
        self.client()
            .revoke(approver, &self.base.wallet, &SIGNER, &hash);
        self.base.env.set_auths(&[]);
    }

    pub fn approvals(&self, contexts: &[Context]) -> std::vec::Vec<Address> {
        let hash = self.hash(contexts);
        let approvals = self.client().approvals(&self.base.wallet, &SIGNER, &hash);
        approvals.iter().collect()
    }

    pub fn temporary_entry_count(&self) -> u32 {
        self.base.env.as_contract(&self.base.policy, || {
            use soroban_sdk::testutils::storage::Temporary as _;
            self.base.env.storage().temporary().all().len()
        })
    }

    fn authorize(
        &self,
        approver: &Address,
        function: &str,
        arguments: impl IntoVal<soroban_sdk::Env, Vec<Val>>,
    ) {
        self.base.env.mock_auths(&[MockAuth {
            address: approver,
            invoke: &MockAuthInvoke {
                contract: &self.base.policy,
                fn_name: function,
                args: arguments.into_val(&self.base.env),
                sub_invokes: &[],
            },
        }]);
    }
}

pub fn error(error: ApprovalsError) -> Error {
    error.into()
}
