// What the story needs beyond the client's own calls: building, signing and waiting in one step each, contract values,
// and the signature over an authorization entry, for which the Go SDK has no function. Any failure ends the program.
package main

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"time"

	"github.com/stellar/go-stellar-sdk/clients/rpcclient"
	"github.com/stellar/go-stellar-sdk/keypair"
	"github.com/stellar/go-stellar-sdk/network"
	protocol "github.com/stellar/go-stellar-sdk/protocols/rpc"
	"github.com/stellar/go-stellar-sdk/strkey"
	"github.com/stellar/go-stellar-sdk/txnbuild"
	"github.com/stellar/go-stellar-sdk/xdr"
)

const baseFeeStroops = 100

type chain struct {
	ctx        context.Context
	client     *rpcclient.Client
	passphrase string
}

func must[T any](value T, err error) T {
	if err != nil {
		log.Panic(err)
	}
	return value
}

func report(name string, value any) {
	fmt.Printf("%s: %s\n", name, must(json.Marshal(value)))
}

func decode[T any, P interface {
	*T
	xdr.DecoderFrom
}](base64 string) T {
	var value T
	if err := xdr.SafeUnmarshalBase64(base64, P(&value)); err != nil {
		log.Panic(err)
	}
	return value
}

func (c chain) entry(key xdr.LedgerKey) xdr.LedgerEntryData {
	encoded := must(key.MarshalBinaryBase64())
	reply := must(c.client.GetLedgerEntries(c.ctx, protocol.GetLedgerEntriesRequest{Keys: []string{encoded}}))
	if len(reply.Entries) != 1 {
		log.Panicf("no ledger entry of type %s", key.Type)
	}
	return decode[xdr.LedgerEntryData](reply.Entries[0].DataXDR)
}

func accountID(key *keypair.Full) xdr.AccountId {
	return xdr.MustAddress(key.Address())
}

func (c chain) account(key *keypair.Full) xdr.AccountEntry {
	id := accountID(key)
	return c.entry(must(id.LedgerKey())).MustAccount()
}

func (c chain) balance(key *keypair.Full) string {
	return fmt.Sprint(c.account(key).Balance)
}

func (c chain) build(source *keypair.Full, operations ...txnbuild.Operation) *txnbuild.Transaction {
	return must(txnbuild.NewTransaction(txnbuild.TransactionParams{
		SourceAccount:        must(c.client.LoadAccount(c.ctx, source.Address())),
		IncrementSequenceNum: true,
		Operations:           operations,
		BaseFee:              baseFeeStroops,
		Preconditions:        txnbuild.Preconditions{TimeBounds: txnbuild.NewTimeout(60)},
	}))
}

func (c chain) submit(envelope string) protocol.GetTransactionResponse {
	sent := must(c.client.SendTransaction(c.ctx, protocol.SendTransactionRequest{Transaction: envelope}))
	if sent.Status != "PENDING" {
		log.Panicf("%s: %s", sent.Status, sent.ErrorResultXDR)
	}
	options := rpcclient.NewPollTransactionOptions().WithInitialInterval(100 * time.Millisecond)
	return must(c.client.PollTransactionWithOptions(c.ctx, sent.Hash, options))
}

func (c chain) send(source *keypair.Full, operations ...txnbuild.Operation) protocol.GetTransactionResponse {
	transaction := must(c.build(source, operations...).Sign(c.passphrase, source))
	return c.submit(must(transaction.Base64()))
}

func (c chain) succeed(source *keypair.Full, operations ...txnbuild.Operation) protocol.GetTransactionResponse {
	done := c.send(source, operations...)
	if done.Status != protocol.TransactionStatusSuccess {
		log.Panicf("%s: %s", done.Status, done.ResultXDR)
	}
	return done
}

func (c chain) simulate(source *keypair.Full, operation *txnbuild.InvokeHostFunction) protocol.SimulateTransactionResponse {
	transaction := must(c.build(source, operation).Base64())
	return must(c.client.SimulateTransaction(c.ctx, protocol.SimulateTransactionRequest{Transaction: transaction}))
}

// Simulates, takes over resources and authorization, lets others sign their entries, simulates with their signatures,
// and sends.
func (c chain) invoke(source *keypair.Full, function xdr.HostFunction, others ...*keypair.Full) protocol.GetTransactionResponse {
	operation := &txnbuild.InvokeHostFunction{HostFunction: function, SourceAccount: source.Address()}
	simulation := c.simulate(source, operation)
	if simulation.Error != "" {
		log.Panic(simulation.Error)
	}
	for _, encoded := range *simulation.Results[0].AuthXDR {
		auth := decode[xdr.SorobanAuthorizationEntry](encoded)
		for _, signer := range others {
			c.authorize(&auth, signer, simulation.LatestLedger+100)
		}
		operation.Auth = append(operation.Auth, auth)
	}
	if len(others) > 0 {
		simulation = c.simulate(source, operation)
	}
	data := decode[xdr.SorobanTransactionData](simulation.TransactionDataXDR)
	data.ResourceFee = xdr.Int64(simulation.MinResourceFee)
	operation.Ext = must(xdr.NewTransactionExt(1, data))
	return c.succeed(source, operation)
}

func (c chain) authorize(auth *xdr.SorobanAuthorizationEntry, signer *keypair.Full, lastLedger uint32) {
	credentials := auth.Credentials.Address
	if credentials == nil || must(credentials.Address.String()) != signer.Address() {
		return
	}
	credentials.SignatureExpirationLedger = xdr.Uint32(lastLedger)
	preimage := xdr.HashIdPreimage{
		Type: xdr.EnvelopeTypeEnvelopeTypeSorobanAuthorization,
		SorobanAuthorization: &xdr.HashIdPreimageSorobanAuthorization{
			NetworkId:                 network.ID(c.passphrase),
			Nonce:                     credentials.Nonce,
			SignatureExpirationLedger: credentials.SignatureExpirationLedger,
			Invocation:                auth.RootInvocation,
		},
	}
	payload := sha256.Sum256(must(preimage.MarshalBinary()))
	credentials.Signature = vector(structure(
		field{"public_key", bytesValue(must(strkey.Decode(strkey.VersionByteAccountID, signer.Address())))},
		field{"signature", bytesValue(must(signer.Sign(payload[:])))},
	))
}

// The contract's answer to a call that changes nothing.
func (c chain) view(source *keypair.Full, function xdr.HostFunction) xdr.ScVal {
	operation := &txnbuild.InvokeHostFunction{HostFunction: function, SourceAccount: source.Address()}
	simulation := c.simulate(source, operation)
	if simulation.Error != "" {
		log.Panic(simulation.Error)
	}
	return decode[xdr.ScVal](*simulation.Results[0].ReturnValueXDR)
}

func friendbot(url, address string) (int, map[string]any) {
	reply := must(http.Get(url + "?addr=" + address))
	defer reply.Body.Close()
	var body map[string]any
	if err := json.NewDecoder(reply.Body).Decode(&body); err != nil {
		log.Panic(err)
	}
	return reply.StatusCode, body
}

type field struct {
	name  string
	value xdr.ScVal
}

func value(kind xdr.ScValType, content any) xdr.ScVal {
	return must(xdr.NewScVal(kind, content))
}

func vector(items ...xdr.ScVal) xdr.ScVal {
	list := xdr.ScVec(items)
	return value(xdr.ScValTypeScvVec, &list)
}

// Fields come in the order of their names.
func structure(fields ...field) xdr.ScVal {
	entries := xdr.ScMap{}
	for _, it := range fields {
		entries = append(entries, xdr.ScMapEntry{Key: symbol(it.name), Val: it.value})
	}
	return value(xdr.ScValTypeScvMap, &entries)
}

func symbol(text string) xdr.ScVal        { return value(xdr.ScValTypeScvSymbol, xdr.ScSymbol(text)) }
func bytesValue(content []byte) xdr.ScVal { return value(xdr.ScValTypeScvBytes, xdr.ScBytes(content)) }
func u32(number uint32) xdr.ScVal         { return value(xdr.ScValTypeScvU32, xdr.Uint32(number)) }

func addressOf(key *keypair.Full) xdr.ScAddress {
	return must(xdr.NewScAddress(xdr.ScAddressTypeScAddressTypeAccount, accountID(key)))
}

func address(key *keypair.Full) xdr.ScVal {
	return value(xdr.ScValTypeScvAddress, addressOf(key))
}

func call(contractID [32]byte, function string, arguments ...xdr.ScVal) xdr.HostFunction {
	return must(xdr.NewHostFunction(xdr.HostFunctionTypeHostFunctionTypeInvokeContract, xdr.InvokeContractArgs{
		ContractAddress: must(xdr.NewScAddress(xdr.ScAddressTypeScAddressTypeContract, xdr.ContractId(contractID))),
		FunctionName:    xdr.ScSymbol(function),
		Args:            arguments,
	}))
}
