// The story of README.md, told with the Go SDK alone: RPC_URL names the network, ALICE and BOB are secret keys, WASM is
// the contract's file. Prints one line per fact, "name: JSON"; clients.test.ts says what is right.
package main

import (
	"bytes"
	"context"
	"fmt"
	"log"
	"os"
	"strings"
	"time"

	"github.com/stellar/go-stellar-sdk/clients/rpcclient"
	"github.com/stellar/go-stellar-sdk/keypair"
	protocol "github.com/stellar/go-stellar-sdk/protocols/rpc"
	"github.com/stellar/go-stellar-sdk/strkey"
	"github.com/stellar/go-stellar-sdk/txnbuild"
	"github.com/stellar/go-stellar-sdk/xdr"
)

const pageSize = 5

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	client := rpcclient.NewClient(os.Getenv("RPC_URL"), nil)
	defer client.Close()
	alice := keypair.MustParseFull(os.Getenv("ALICE"))
	bob := keypair.MustParseFull(os.Getenv("BOB"))

	info := must(client.GetNetwork(ctx))
	c := chain{ctx, client, info.Passphrase}
	report("passphrase", info.Passphrase)
	report("protocolVersion", info.ProtocolVersion)
	report("health", must(client.GetHealth(ctx)).Status)
	report("rpcProtocolVersion", must(client.GetVersionInfo(ctx)).ProtocolVersion)
	firstLedger := must(client.GetLatestLedger(ctx)).Sequence

	payments(c, info.FriendbotURL, alice, bob)
	assets(c, alice, bob)
	contractID, uploadHash := contract(c, firstLedger, alice, bob)
	assetContract(c, alice, bob)
	history(c, firstLedger, contractID, uploadHash)
}

func payments(c chain, friendbotURL string, alice, bob *keypair.Full) {
	if status, body := friendbot(friendbotURL, alice.Address()); status != 200 {
		log.Panic(body)
	}
	report("friendbotBalance", c.balance(alice))
	status, body := friendbot(friendbotURL, alice.Address())
	report("friendbotAgain", []any{status, body["detail"]})
	c.succeed(alice, &txnbuild.CreateAccount{Destination: bob.Address(), Amount: "1000"})
	report("createdBalance", c.balance(bob))
	payment := func(to *keypair.Full, amount string) txnbuild.Operation {
		return &txnbuild.Payment{Destination: to.Address(), Amount: amount, Asset: txnbuild.NativeAsset{}}
	}
	paid := c.succeed(alice, payment(bob, "1.2345678"))
	report("paymentFee", fmt.Sprint(decode[xdr.TransactionResult](paid.ResultXDR).FeeCharged))
	report("paidBalance", c.balance(bob))
	tooMuch := c.send(bob, payment(alice, "9999"))
	results, _ := decode[xdr.TransactionResult](tooMuch.ResultXDR).OperationResults()
	report("underfunded", []any{tooMuch.Status, results[0].Tr.PaymentResult.Code.String()})
	stale := must(txnbuild.NewTransaction(txnbuild.TransactionParams{
		SourceAccount:        &txnbuild.SimpleAccount{AccountID: bob.Address(), Sequence: 0},
		IncrementSequenceNum: true,
		Operations:           []txnbuild.Operation{&txnbuild.BumpSequence{BumpTo: 0}},
		BaseFee:              baseFeeStroops,
		Preconditions:        txnbuild.Preconditions{TimeBounds: txnbuild.NewTimeout(60)},
	}))
	rejected := must(c.client.SendTransaction(c.ctx, protocol.SendTransactionRequest{
		Transaction: must(must(stale.Sign(c.passphrase, bob)).Base64()),
	}))
	refusal := decode[xdr.TransactionResult](rejected.ErrorResultXDR).Result.Code
	report("refused", []any{rejected.Status, refusal.String()})

	inner := must(c.build(bob, payment(alice, "1")).Sign(c.passphrase, bob))
	bump := must(txnbuild.NewFeeBumpTransaction(txnbuild.FeeBumpTransactionParams{
		Inner: inner, FeeAccount: alice.Address(), BaseFee: baseFeeStroops,
	}))
	bumped := c.submit(must(must(bump.Sign(c.passphrase, alice)).Base64()))
	fee := decode[xdr.TransactionResult](bumped.ResultXDR).FeeCharged
	report("feeBump", []any{bumped.Status, bumped.FeeBump, fmt.Sprint(fee)})
	report("bumpedBalance", c.balance(bob))
}

func assets(c chain, alice, bob *keypair.Full) {
	bean := txnbuild.CreditAsset{Code: "BEAN", Issuer: alice.Address()}
	c.succeed(bob, &txnbuild.ChangeTrust{Line: bean.MustToChangeTrustAsset(), Limit: "1000"})
	c.succeed(alice, &txnbuild.Payment{Destination: bob.Address(), Amount: "25", Asset: bean})
	var line xdr.LedgerKey
	if err := line.SetTrustline(accountID(bob), must(bean.ToXDR()).ToTrustLineAsset()); err != nil {
		log.Panic(err)
	}
	report("beanBalance", fmt.Sprint(c.entry(line).MustTrustLine().Balance))
	c.succeed(
		alice,
		&txnbuild.SetOptions{HomeDomain: txnbuild.NewHomeDomain("example.org")},
		&txnbuild.ManageData{Name: "greeting", Value: []byte("hello")},
	)
	report("homeDomain", c.account(alice).HomeDomain)

	claimable := c.build(alice, &txnbuild.CreateClaimableBalance{
		Amount:       "5",
		Asset:        txnbuild.NativeAsset{},
		Destinations: []txnbuild.Claimant{txnbuild.NewClaimant(bob.Address(), nil)},
	})
	balanceID := must(claimable.ClaimableBalanceID(0))
	c.submit(must(must(claimable.Sign(c.passphrase, alice)).Base64()))
	var id xdr.ClaimableBalanceId
	if err := xdr.SafeUnmarshalHex(balanceID, &id); err != nil {
		log.Panic(err)
	}
	var key xdr.LedgerKey
	if err := key.SetClaimableBalance(id); err != nil {
		log.Panic(err)
	}
	report("claimableAmount", fmt.Sprint(c.entry(key).MustClaimableBalance().Amount))
	before := c.account(bob).Balance
	c.succeed(bob, &txnbuild.ClaimClaimableBalance{BalanceID: balanceID})
	report("claimed", fmt.Sprint(c.account(bob).Balance-before))
}

func contract(c chain, firstLedger uint32, alice, bob *keypair.Full) (id string, uploadHash string) {
	wasm := must(os.ReadFile(os.Getenv("WASM")))
	uploaded := c.invoke(alice, must(xdr.NewHostFunction(xdr.HostFunctionTypeHostFunctionTypeUploadContractWasm, wasm)))
	wasmHash := [32]byte(returnValue(uploaded).MustBytes())
	report("wasmHash", fmt.Sprintf("%x", wasmHash))

	preimage := must(xdr.NewContractIdPreimage(
		xdr.ContractIdPreimageTypeContractIdPreimageFromAddress,
		xdr.ContractIdPreimageFromAddress{
			Address: addressOf(alice),
			Salt:    xdr.Uint256(bytes.Repeat([]byte{7}, 32)),
		},
	))
	created := c.invoke(alice, must(xdr.NewHostFunction(
		xdr.HostFunctionTypeHostFunctionTypeCreateContractV2,
		xdr.CreateContractArgsV2{
			ContractIdPreimage: preimage,
			Executable: must(xdr.NewContractExecutable(
				xdr.ContractExecutableTypeContractExecutableWasm, xdr.Hash(wasmHash),
			)),
		},
	)))
	contractID := [32]byte(*returnValue(created).MustAddress().ContractId)
	id = strkey.MustEncode(strkey.VersionByteContract, contractID[:])
	report("contractId", id)

	wallet, signer := address(alice), u32(0)
	approvers := structure(field{"approvers", vector(address(bob))}, field{"threshold", u32(1)})
	installed := c.invoke(alice, call(contractID, "install", wallet, signer, approvers))
	report("installed", installed.Status)
	contextsHash := bytesValue(bytes.Repeat([]byte{9}, 32))
	approve := func(approver *keypair.Full) xdr.HostFunction {
		return call(contractID, "approve", address(approver), wallet, signer, contextsHash, u32(firstLedger+1000))
	}
	report("approved", c.invoke(alice, approve(bob), bob).Status)
	approvals := []string{}
	for _, approver := range **c.view(alice, call(contractID, "approvals", wallet, signer, contextsHash)).Vec {
		approvals = append(approvals, must(approver.Address.String()))
	}
	report("approvals", approvals)
	refused := c.simulate(alice, &txnbuild.InvokeHostFunction{
		HostFunction:  approve(alice),
		SourceAccount: alice.Address(),
	})
	report("contractError", strings.SplitN(refused.Error, "\n", 2)[0])
	return id, uploaded.TransactionHash
}

func assetContract(c chain, alice, bob *keypair.Full) {
	asset := xdr.MustNewCreditAsset("BEAN", alice.Address())
	preimage := must(xdr.NewContractIdPreimage(xdr.ContractIdPreimageTypeContractIdPreimageFromAsset, asset))
	c.invoke(alice, must(xdr.NewHostFunction(
		xdr.HostFunctionTypeHostFunctionTypeCreateContract,
		xdr.CreateContractArgs{
			ContractIdPreimage: preimage,
			Executable: must(xdr.NewContractExecutable(
				xdr.ContractExecutableTypeContractExecutableStellarAsset, nil,
			)),
		},
	)))
	contractID := must(asset.ContractID(c.passphrase))
	report("beanContractId", strkey.MustEncode(strkey.VersionByteContract, contractID[:]))
	held := c.view(alice, call(contractID, "balance", address(bob))).MustI128()
	report("heldBeans", fmt.Sprint(held.Lo))
}

func history(c chain, firstLedger uint32, contractID, uploadHash string) {
	events := must(c.client.GetEvents(c.ctx, protocol.GetEventsRequest{
		StartLedger: firstLedger,
		Filters: []protocol.EventFilter{{
			EventType:   protocol.EventTypeSet{protocol.EventTypeContract: nil},
			ContractIDs: []string{contractID},
		}},
	}))
	names := []string{}
	for _, event := range events.Events {
		names = append(names, string(decode[xdr.ScVal](event.TopicXDR[0]).MustSym()))
	}
	report("events", names)
	approved, rest := symbol("approved"), protocol.WildCardZeroOrMore
	filters := []protocol.EventFilter{{Topics: []protocol.TopicFilter{{{ScVal: &approved}, {Wildcard: &rest}}}}}
	page := must(c.client.GetEvents(c.ctx, protocol.GetEventsRequest{
		StartLedger: firstLedger, Filters: filters, Pagination: &protocol.PaginationOptions{Limit: 1},
	}))
	report("approvedEvents", len(page.Events))
	cursor := must(protocol.ParseCursor(page.Cursor))
	after := must(c.client.GetEvents(c.ctx, protocol.GetEventsRequest{
		Filters: filters, Pagination: &protocol.PaginationOptions{Cursor: &cursor, Limit: 10},
	}))
	report("approvedEventsAfterCursor", len(after.Events))

	lastLedger := must(c.client.GetLatestLedger(c.ctx)).Sequence
	seen, uploads, start, paging := map[string]bool{}, 0, firstLedger+1, protocol.LedgerPaginationOptions{Limit: pageSize}
	count := 0
	for {
		reply := must(c.client.GetTransactions(c.ctx, protocol.GetTransactionsRequest{
			StartLedger: start, Pagination: &paging,
		}))
		if len(reply.Transactions) == 0 {
			break
		}
		for _, it := range reply.Transactions {
			seen[it.TransactionHash] = true
			count++
			if it.TransactionHash == uploadHash {
				uploads++
			}
		}
		start, paging.Cursor = 0, reply.Cursor
	}
	report("pagedTransactions", uploads == 1 && len(seen) == count)

	next, ledgers := firstLedger+1, protocol.LedgerPaginationOptions{Limit: pageSize}
	for start := next; next <= lastLedger; start = 0 {
		reply := must(c.client.GetLedgers(c.ctx, protocol.GetLedgersRequest{StartLedger: start, Pagination: &ledgers}))
		if len(reply.Ledgers) == 0 {
			break
		}
		for _, ledger := range reply.Ledgers {
			meta := decode[xdr.LedgerCloseMeta](ledger.LedgerMetadata)
			if ledger.Sequence != next || meta.LedgerSequence() != next {
				log.Panicf("ledger %d instead of %d", ledger.Sequence, next)
			}
			next++
		}
		ledgers.Cursor = reply.Cursor
	}
	report("pagedLedgers", next > lastLedger)
	fees := must(c.client.GetFeeStats(c.ctx))
	report("feeStats", []any{fmt.Sprint(fees.InclusionFee.Min), fees.SorobanInclusionFee.TransactionCount > 0})
}

func returnValue(done protocol.GetTransactionResponse) xdr.ScVal {
	return *decode[xdr.TransactionMeta](done.ResultMetaXDR).MustV4().SorobanMeta.ReturnValue
}
