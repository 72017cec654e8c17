// Package fake lets fingerposttest make a client that no service has a part in.
package fake

import "google.golang.org/protobuf/proto"

// Make gives a *fingerpost.Client that answers by a policy, YAML or JSON, and calls record with each question; record's error is met by the call.
// options are []fingerpost.Option.
var Make func(policy string, record func(proto.Message) error, options any) (any, error)
