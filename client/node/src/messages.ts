// The generated messages, for those who build them themselves.
export * from "./gen/fingerpost/v1/answer_pb.js";
export * from "./gen/fingerpost/v1/decide_pb.js";
export * from "./gen/fingerpost/v1/follow_pb.js";
export * from "./gen/fingerpost/v1/http_pb.js";
export * from "./gen/fingerpost/v1/intent_pb.js";
export * from "./gen/fingerpost/v1/redirect_service_pb.js";
export { RedirectServiceClient, RedirectServiceDefinition, type Stub } from "./stub.js";
