// The generated service as a grpc-js client.
import { fromBinary, toBinary, type DescMessage, type DescService, type MessageShape } from "@bufbuild/protobuf";
import {
  makeGenericClientConstructor,
  type CallOptions,
  type ClientDuplexStream,
  type ClientUnaryCall,
  type Client as GrpcClient,
  type ServiceDefinition,
  type ServiceError,
} from "@grpc/grpc-js";

import { RedirectService } from "./gen/fingerpost/v1/redirect_service_pb.js";

type Methods = (typeof RedirectService)["method"];
type Shape<M> = M extends DescMessage ? MessageShape<M> : never;
type Call<M> = M extends { methodKind: "unary"; input: infer I; output: infer O }
  ? (request: Shape<I>, options: CallOptions, done: (error: ServiceError | null, answer?: Shape<O>) => void) => ClientUnaryCall
  : M extends { methodKind: "bidi_streaming"; input: infer I; output: infer O }
    ? (options?: CallOptions) => ClientDuplexStream<Shape<I>, Shape<O>>
    : never;

/** RedirectService's RPCs, as grpc-js calls them. */
export type Stub = GrpcClient & { readonly [Name in keyof Methods]: Call<Methods[Name]> };

/** What grpc-js needs of a service, for a client or a server. */
export function serviceDefinition(service: DescService): ServiceDefinition {
  const kind = (name: string) => name === "bidi_streaming";
  return Object.fromEntries(
    service.methods.map((method) => [
      method.localName,
      {
        path: `/${service.typeName}/${method.name}`,
        requestStream: kind(method.methodKind),
        responseStream: kind(method.methodKind),
        requestSerialize: (value: unknown) => Buffer.from(toBinary(method.input, value as MessageShape<typeof method.input>)),
        requestDeserialize: (octets: Buffer) => fromBinary(method.input, octets),
        responseSerialize: (value: unknown) => Buffer.from(toBinary(method.output, value as MessageShape<typeof method.output>)),
        responseDeserialize: (octets: Buffer) => fromBinary(method.output, octets),
      },
    ]),
  );
}

export const RedirectServiceDefinition = serviceDefinition(RedirectService);

/** Constructor of {@link Stub}. */
export const RedirectServiceClient = makeGenericClientConstructor(RedirectServiceDefinition, "RedirectService") as unknown as new (
  ...words: ConstructorParameters<typeof GrpcClient>
) => Stub;
