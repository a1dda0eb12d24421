"""The story of README.md, told with the Python stellar-sdk alone: RPC_URL names the network, ALICE and BOB are secret
keys, WASM is the contract's file. Prints one line per fact, "name: JSON"; clients.test.ts says what is right."""

import json
import os
import urllib.error
import urllib.request
from pathlib import Path

from stellar_sdk import (
    Account,
    Asset,
    Claimant,
    FeeBumpTransactionEnvelope,
    Keypair,
    SorobanServer,
    TransactionBuilder,
    TransactionEnvelope,
    scval,
)
from stellar_sdk import xdr
from stellar_sdk.contract import ContractClient
from stellar_sdk.contract.exceptions import SimulationFailedError
from stellar_sdk.soroban_rpc import EventFilter, EventFilterType, GetTransactionStatus, SendTransactionStatus

RPC_URL = os.environ.get("RPC_URL", "http://localhost:8000/rpc")
alice = Keypair.from_secret(os.environ["ALICE"])
bob = Keypair.from_secret(os.environ["BOB"])
wasm = Path(os.environ["WASM"]).read_bytes()
SALT = bytes([7]) * 32
CONTEXTS_HASH = bytes([9]) * 32

server = SorobanServer(RPC_URL)
bean = Asset("BEAN", alice.public_key)


def report(name, value):
    print(f"{name}: {json.dumps(value)}", flush=True)


network = server.get_network()
passphrase = network.passphrase
report("passphrase", passphrase)
report("protocolVersion", network.protocol_version)
report("health", server.get_health().status)
report("rpcProtocolVersion", server.get_version_info().protocol_version)
first_ledger = server.get_latest_ledger().sequence


def account_entry(keypair):
    key = xdr.LedgerKey(
        xdr.LedgerEntryType.ACCOUNT,
        account=xdr.LedgerKeyAccount(account_id=keypair.xdr_account_id()),
    )
    return xdr.LedgerEntryData.from_xdr(server.get_ledger_entries([key]).entries[0].xdr).account


def balance(keypair):
    return str(account_entry(keypair).balance.int64)


def friendbot(address):
    with urllib.request.urlopen(f"{network.friendbot_url}?addr={address}") as reply:
        return json.load(reply)


def builder(source):
    return TransactionBuilder(server.load_account(source.public_key), passphrase, base_fee=100).set_timeout(60)


def send(envelope: TransactionEnvelope | FeeBumpTransactionEnvelope, *signers):
    for signer in signers:
        envelope.sign(signer)
    sent = server.send_transaction(envelope)
    if sent.status != SendTransactionStatus.PENDING:
        raise RuntimeError(f"{sent.status}: {sent.error_result_xdr}")
    return server.poll_transaction(sent.hash, sleep_strategy=lambda _: 0.1)


def succeed(build, source):
    done = send(build.build(), source)
    if done.status != GetTransactionStatus.SUCCESS:
        raise RuntimeError(f"failed: {xdr.TransactionResult.from_xdr(done.result_xdr)}")
    return done


def result_of(done):
    return xdr.TransactionResult.from_xdr(done.result_xdr)


# Accounts and payments
friendbot(alice.public_key)
report("friendbotBalance", balance(alice))
try:
    friendbot(alice.public_key)
except urllib.error.HTTPError as error:
    report("friendbotAgain", [error.code, json.load(error)["detail"]])
succeed(builder(alice).append_create_account_op(bob.public_key, "1000"), alice)
report("createdBalance", balance(bob))
paid = succeed(builder(alice).append_payment_op(bob.public_key, Asset.native(), "1.2345678"), alice)
report("paymentFee", str(result_of(paid).fee_charged.int64))
report("paidBalance", balance(bob))
too_much = send(builder(bob).append_payment_op(alice.public_key, Asset.native(), "9999").build(), bob)
code = result_of(too_much).result.results[0].tr.payment_result.code
report("underfunded", [too_much.status.value, code.name])
stale = TransactionBuilder(Account(bob.public_key, 0), passphrase, base_fee=100).set_timeout(60)
envelope = stale.append_bump_sequence_op(0).build()
envelope.sign(bob)
rejected = server.send_transaction(envelope)
error_code = xdr.TransactionResult.from_xdr(rejected.error_result_xdr).result.code
report("refused", [rejected.status.value, error_code.name])
payment = builder(bob).append_payment_op(alice.public_key, Asset.native(), "1").build()
payment.sign(bob)
bump = TransactionBuilder.build_fee_bump_transaction(alice, 200, payment, passphrase)
bumped = send(bump, alice)
report("feeBump", [bumped.status.value, bumped.fee_bump, str(result_of(bumped).fee_charged.int64)])
report("bumpedBalance", balance(bob))

# Another asset, settings, data, a claimable balance
succeed(builder(bob).append_change_trust_op(bean, "1000"), bob)
succeed(builder(alice).append_payment_op(bob.public_key, bean, "25"), alice)
trust_line = xdr.LedgerKey(
    xdr.LedgerEntryType.TRUSTLINE,
    trust_line=xdr.LedgerKeyTrustLine(bob.xdr_account_id(), bean.to_trust_line_asset_xdr_object()),
)
entry = xdr.LedgerEntryData.from_xdr(server.get_ledger_entries([trust_line]).entries[0].xdr)
report("beanBalance", str(entry.trust_line.balance.int64))
succeed(
    builder(alice).append_set_options_op(home_domain="example.org").append_manage_data_op("greeting", "hello"),
    alice,
)
report("homeDomain", account_entry(alice).home_domain.string32.decode())
claimable = builder(alice).append_create_claimable_balance_op(Asset.native(), "5", [Claimant(bob.public_key)]).build()
balance_id = claimable.transaction.get_claimable_balance_id(0)
send(claimable, alice)
claimable_key = xdr.LedgerKey(
    xdr.LedgerEntryType.CLAIMABLE_BALANCE,
    claimable_balance=xdr.LedgerKeyClaimableBalance(xdr.ClaimableBalanceID.from_xdr_bytes(bytes.fromhex(balance_id))),
)
entry = xdr.LedgerEntryData.from_xdr(server.get_ledger_entries([claimable_key]).entries[0].xdr)
report("claimableAmount", str(entry.claimable_balance.amount.int64))
before_claim = int(balance(bob))
claimed = succeed(builder(bob).append_claim_claimable_balance_op(balance_id), bob)
report("claimed", str(int(balance(bob)) - before_claim))

# A contract: upload, deploy, call, its events and errors
prepared = server.prepare_transaction(builder(alice).append_upload_contract_wasm_op(wasm).build())
uploaded = send(prepared, alice)
meta = xdr.TransactionMeta.from_xdr(uploaded.result_meta_xdr).v4
wasm_hash = scval.from_bytes(meta.soroban_meta.return_value)
report("wasmHash", wasm_hash.hex())
contract_id = ContractClient.create_contract(wasm_hash, alice.public_key, alice, server, salt=SALT)
report("contractId", contract_id)
client = ContractClient(contract_id, RPC_URL, passphrase)
wallet = scval.to_address(alice.public_key)
signer_id = scval.to_uint32(0)
approvers = scval.to_struct(
    {"approvers": scval.to_vec([scval.to_address(bob.public_key)]), "threshold": scval.to_uint32(1)}
)
client.invoke("install", [wallet, signer_id, approvers], alice.public_key, alice).sign_and_submit()
report("installed", "SUCCESS")


def approve(approver):
    arguments = [
        scval.to_address(approver.public_key),
        wallet,
        signer_id,
        scval.to_bytes(CONTEXTS_HASH),
        scval.to_uint32(first_ledger + 1000),
    ]
    return client.invoke("approve", arguments, alice.public_key, alice)


approving = approve(bob)
report("needsSigningBy", list(approving.needs_non_invoker_signing_by()))
approving.authorize(bob).sign_and_submit()
report("approved", "SUCCESS")
approvals = client.invoke(
    "approvals",
    [wallet, signer_id, scval.to_bytes(CONTEXTS_HASH)],
    alice.public_key,
    parse_result_xdr_fn=lambda value: [scval.from_address(item).address for item in scval.from_vec(value)],
)
report("approvals", approvals.result())
try:
    approve(alice)
except SimulationFailedError as error:
    report("contractError", error.assembled_transaction.simulation.error.split("\n")[0])

# An asset's contract
bean_contract = ContractClient.create_stellar_asset_contract_from_asset(bean, alice.public_key, alice, server)
report("beanContractId", bean_contract)
held = ContractClient(bean_contract, RPC_URL, passphrase).invoke(
    "balance", [scval.to_address(bob.public_key)], alice.public_key, parse_result_xdr_fn=scval.from_int128
)
report("heldBeans", str(held.result()))

# History, page by page
events = server.get_events(first_ledger, filters=[EventFilter(type=EventFilterType.CONTRACT, contractIds=[contract_id])])
report("events", [scval.from_symbol(event.topic[0]) for event in events.events])
topics = [EventFilter(topics=[[scval.to_symbol("approved").to_xdr(), "**"]])]
page = server.get_events(first_ledger, filters=topics, limit=1)
report("approvedEvents", len(page.events))
rest = server.get_events(cursor=page.cursor, filters=topics, limit=10)
report("approvedEventsAfterCursor", len(rest.events))
last_ledger = server.get_latest_ledger().sequence


def pages(fetch):
    seen = []
    cursor, items = fetch(start_ledger=first_ledger + 1, limit=5)
    while items:
        seen += items
        cursor, items = fetch(cursor=cursor, limit=5)
    return seen


def transactions(**paging):
    reply = server.get_transactions(**paging)
    return reply.cursor, [transaction.transaction_hash for transaction in reply.transactions]


def ledgers(**paging):
    reply = server.get_ledgers(**paging)
    return reply.cursor, [ledger.sequence for ledger in reply.ledgers]


hashes = pages(transactions)
report("pagedTransactions", uploaded.transaction_hash in hashes and len(set(hashes)) == len(hashes))
sequences = pages(ledgers)
expected = list(range(first_ledger + 1, last_ledger + 1))
report("pagedLedgers", sequences[: len(expected)] == expected)
fees = server.get_fee_stats()
report("feeStats", [str(fees.inclusion_fee.min), fees.soroban_inclusion_fee.transaction_count > 0])
