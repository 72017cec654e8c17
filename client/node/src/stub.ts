// The generated service as a grpc-js client.
import { fromBinary, toBinary, type DescMessage, type DescService, type MessageShape } from "@bufbuild/protobuf";
import {
  makeGenericClientConstructor,
  type CallOptions,
  type ClientDuplexStream,
  type ClientReadableStream,
  type ClientUnaryCall,
  type Client as GrpcClient,
  type ServiceDefinition,
  type ServiceError,
} from "@grpc/grpc-js";

import { PolicyService } from "./gen/fingerpost/v1/policy_service_pb.js";
import { RedirectService } from "./gen/fingerpost/v1/redirect_service_pb.js";

type Shape<M> = M extends DescMessage ? MessageShape<M> : never;
type Call<M> = M extends { methodKind: "unary"; input: infer I; output: infer O }
  ? (request: Shape<I>, options: CallOptions, done: (error: ServiceError | null, answer?: Shape<O>) => void) => ClientUnaryCall
  : M extends { methodKind: "server_streaming"; input: infer I; output: infer O }
    ? (request: Shape<I>, options?: CallOptions) => ClientReadableStream<Shape<O>>
    : M extends { methodKind: "bidi_streaming"; input: infer I; output: infer O }
      ? (options?: CallOptions) => ClientDuplexStream<Shape<I>, Shape<O>>
      : never;
type Calls<Methods> = GrpcClient & { readonly [Name in keyof Methods]: Call<Methods[Name]> };

/** RedirectService's RPCs, as grpc-js calls them. */
export type Stub = Calls<(typeof RedirectService)["method"]>;
/** PolicyService's. */
export type PolicyStub = Calls<(typeof PolicyService)["method"]>;

/** What grpc-js needs of a service, for a client or a server. */
export function serviceDefinition(service: DescService): ServiceDefinition {
  return Object.fromEntries(
    service.methods.map((method) => [
      method.localName,
      {
        path: `/${service.typeName}/${method.name}`,
        requestStream: method.methodKind === "bidi_streaming",
        responseStream: method.methodKind.endsWith("_streaming"),
        requestSerialize: (value: unknown) => Buffer.from(toBinary(method.input, value as MessageShape<typeof method.input>)),
        requestDeserialize: (octets: Buffer) => fromBinary(method.input, octets),
        responseSerialize: (value: unknown) => Buffer.from(toBinary(method.output, value as MessageShape<typeof method.output>)),
        responseDeserialize: (octets: Buffer) => fromBinary(method.output, octets),
      },
    ]),
  );
}

export const RedirectServiceDefinition = serviceDefinition(RedirectService);
export const PolicyServiceDefinition = serviceDefinition(PolicyService);

type Constructor<S> = new (...words: ConstructorParameters<typeof GrpcClient>) => S;

/** Constructor of {@link Stub}. */
export const RedirectServiceClient = makeGenericClientConstructor(RedirectServiceDefinition, "RedirectService") as unknown as Constructor<Stub>;
/** Constructor of {@link PolicyStub}. */
export const PolicyServiceClient = makeGenericClientConstructor(PolicyServiceDefinition, "PolicyService") as unknown as Constructor<PolicyStub>;
