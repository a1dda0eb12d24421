use crate::modules::{forget_modules, Modules, MAX_MODULES};
use soroban_env_host::xdr::{ContractCodeEntry, ContractCodeEntryExt, Hash};
use soroban_env_host::{budget::Budget, fees::FeeConfiguration};
use soroban_simulation::NetworkConfig;

/// A contract without a function. The interface version says for which protocol it is made.
const WASM: &[u8] =
    b"\0asm\x01\0\0\0\x00\x1e\x11contractenvmetav0\0\0\0\0\0\0\0\x16\0\0\0\0\x05\x03\x01\0\x01";

fn config() -> NetworkConfig {
    let (cpu_cost_params, memory_cost_params) =
        crate::network_settings::calibrated_cost_params().unwrap();
    NetworkConfig {
        fee_configuration: FeeConfiguration::default(),
        rent_fee_configuration: Default::default(),
        tx_max_instructions: 100_000_000,
        tx_memory_limit: 40_000_000,
        cpu_cost_params,
        memory_cost_params,
        min_temp_entry_ttl: 16,
        min_persistent_entry_ttl: 4096,
        max_entry_ttl: 100_000,
    }
}

fn code(number: usize) -> ContractCodeEntry {
    let mut hash = [0; 32];
    hash[..8].copy_from_slice(&(number as u64).to_be_bytes());
    ContractCodeEntry {
        ext: ContractCodeEntryExt::V0,
        hash: Hash(hash),
        code: WASM.try_into().unwrap(),
    }
}

#[test]
fn starts_afresh_when_full_and_leaves_the_modules_of_running_calls() {
    forget_modules();
    let config = config();
    let mut last = None;
    for number in 0..MAX_MODULES {
        let modules = Modules::shared(&config).unwrap();
        let entry = code(number);
        modules.compile(&entry, &entry.code).unwrap();
        last = Some(modules);
    }
    let fresh = Modules::shared(&config).unwrap().into_cache();
    assert!(!fresh.contains_module(&code(0).hash).unwrap());
    let running = last.unwrap().into_cache();
    assert!(running.contains_module(&code(0).hash).unwrap());
}

#[test]
fn shares_a_module_between_calls_but_not_what_is_compiled_apart() {
    forget_modules();
    let config = config();
    let (shared, apart) = (code(1), code(2));
    let modules = Modules::shared(&config).unwrap();
    modules.compile(&shared, &shared.code).unwrap();
    let separate = Modules::separate(&config).unwrap();
    separate.compile(&apart, &apart.code).unwrap();
    let next = Modules::shared(&config).unwrap().into_cache();
    assert!(next.contains_module(&shared.hash).unwrap());
    assert!(!next.contains_module(&apart.hash).unwrap());
}

#[test]
fn counts_cost_parameters_as_the_host_does() {
    let (cpu, memory) = crate::network_settings::calibrated_cost_params().unwrap();
    assert_eq!(cpu.0.len(), memory.0.len());
    assert!(Budget::try_from_configs(1, 1, cpu, memory).is_ok());
}
