// The generated messages, for those who build them themselves.
export * from "./gen/fingerpost/v1/answer_pb.js";
export * from "./gen/fingerpost/v1/decide_pb.js";
export * from "./gen/fingerpost/v1/follow_pb.js";
export * from "./gen/fingerpost/v1/http_pb.js";
export * from "./gen/fingerpost/v1/intent_pb.js";
export * from "./gen/fingerpost/v1/policy_pb.js";
export * from "./gen/fingerpost/v1/policy_service_pb.js";
export * from "./gen/fingerpost/v1/redirect_service_pb.js";
export { PolicyServiceClient, PolicyServiceDefinition, RedirectServiceClient, RedirectServiceDefinition, type PolicyStub, type Stub } from "./stub.js";
