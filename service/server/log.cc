#include "server/log.h"

#include <fmt/format.h>
#include <grpc/support/log.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <mutex>
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
    message::AppendJsonString({message.payload.data(), message.payload.size()}, text);
    out.append(text.data(), text.data() + text.size());
  }
  [[nodiscard]] std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<JsonMessage>();
  }
};

class Sink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit Sink(LineWriter& lines) : lines_(lines) {}

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t line;
    formatter_->format(message, line);
    lines_.Write({line.data(), line.size()});
  }
  void flush_() override {}

  LineWriter& lines_;
};

std::unique_ptr<spdlog::formatter> FormatterOf(const Settings& settings) {
  auto formatter = std::make_unique<spdlog::pattern_formatter>(spdlog::pattern_time_type::utc);
  if (settings.log_format == "json") {
    formatter->add_flag<JsonMessage>('*').set_pattern(
        R"({"ts":"%Y-%m-%dT%H:%M:%S.%fZ","level":"%l","msg":%*})");
  } else {
    formatter->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %-7l %v");
  }
  return formatter;
}

void LogGrpc(gpr_log_func_args* args) { spdlog::debug("grpc: {}", args->message); }

}  // namespace

void ToggleDebugLog(const Settings& settings) {
  const auto usual = spdlog::level::from_str(settings.log_level);
  const bool on = spdlog::get_level() != spdlog::level::debug;
  spdlog::set_level(on ? spdlog::level::debug : usual);
  gpr_set_log_verbosity(on ? GPR_LOG_SEVERITY_DEBUG : kGrpcSilent);
  spdlog::info("log level {}", spdlog::level::to_string_view(spdlog::get_level()));
}

LineWriter::LossLine LossLineOf(const Settings& settings) {
  const std::shared_ptr<spdlog::formatter> formatter = FormatterOf(settings);
  return [formatter](uint64_t lost) {
    const std::string text =
        fmt::format("log: {} lines are lost here: nobody read them in time", lost);
    spdlog::memory_buf_t line;
    formatter->format({"", spdlog::level::warn, text}, line);
    return std::string(line.data(), line.size());
  };
}

void StartLog(const Settings& settings, LineWriter& lines) {
  auto logger = std::make_shared<spdlog::logger>("fingerpostd", std::make_shared<Sink>(lines));
  logger->set_formatter(FormatterOf(settings));
  logger->set_level(spdlog::level::from_str(settings.log_level));
  spdlog::set_default_logger(std::move(logger));

  gpr_set_log_function(LogGrpc);
  if (settings.log_level != "debug" && settings.log_level != "trace") {
    gpr_set_log_verbosity(kGrpcSilent);
  }
}

}  // namespace fingerpost
