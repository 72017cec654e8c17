#include "server/log.h"

#include <fmt/format.h>
#include <grpc/support/log.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <string>

#include "core/message/json.h"

namespace fingerpost {
namespace {

constexpr auto kGrpcSilent = static_cast<gpr_log_severity>(GPR_LOG_SEVERITY_ERROR + 1);

// "%*": the message as a JSON string.
class JsonMessage final : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm& /*time*/,
              spdlog::memory_buf_t& out) override {
    std::string text;
    AppendJsonString({message.payload.data(), message.payload.size()}, text);
    out.append(text.data(), text.data() + text.size());
  }
  [[nodiscard]] std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<JsonMessage>();
  }
};

void LogGrpc(gpr_log_func_args* args) { spdlog::debug("grpc: {}", args->message); }

}  // namespace

void ToggleDebugLog(const Settings& settings) {
  const auto usual = spdlog::level::from_str(settings.log_level);
  const bool on = spdlog::get_level() != spdlog::level::debug;
  spdlog::set_level(on ? spdlog::level::debug : usual);
  gpr_set_log_verbosity(on ? GPR_LOG_SEVERITY_DEBUG : kGrpcSilent);
  spdlog::info("log level {}", spdlog::level::to_string_view(spdlog::get_level()));
}

void StartLog(const Settings& settings) {
  auto logger = spdlog::stderr_logger_mt("fingerpostd");
  auto formatter = std::make_unique<spdlog::pattern_formatter>(spdlog::pattern_time_type::utc);
  if (settings.log_format == "json") {
    formatter->add_flag<JsonMessage>('*').set_pattern(
        R"({"ts":"%Y-%m-%dT%H:%M:%S.%fZ","level":"%l","msg":%*})");
  } else {
    formatter->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %-7l %v");
  }
  logger->set_formatter(std::move(formatter));
  logger->set_level(spdlog::level::from_str(settings.log_level));
  logger->flush_on(spdlog::level::trace);
  spdlog::set_default_logger(std::move(logger));

  gpr_set_log_function(LogGrpc);
  if (settings.log_level != "debug" && settings.log_level != "trace") {
    gpr_set_log_verbosity(kGrpcSilent);
  }
}

}  // namespace fingerpost
