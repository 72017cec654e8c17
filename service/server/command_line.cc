#include "server/command_line.h"

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/container/node_hash_map.h"
#include "core/message/nearest.h"
#include "policy/document/file.h"
#include "policy/document/yaml.h"
#include "server/failure.h"
#include "version.h"

namespace fingerpost {
namespace {

constexpr char kFooter[] = R"(
Every setting can also be given as a variable (FINGERPOST_MAX_BATCH for --max-batch) and as a key of the YAML file
that --config names (max-batch: 512). Flags win over variables, variables over the file.

Signals: SIGTERM and SIGINT stop it after a drain, a second one at once; SIGHUP reads the policy again;
SIGUSR1 turns debug logging on and off.

Exit codes:
  0  stopped by SIGTERM or SIGINT, or nothing wrong with --check
  1  unexpected failure
  2  a setting is wrong, or settings contradict each other
  3  a file cannot be read
  4  an address cannot be listened on
  5  the policy has problems
  6  a second signal ended the drain
)";

const Definition* Find(std::string_view name) {
  const auto& all = Definitions();
  const auto found =
      std::find_if(all.begin(), all.end(), [name](const auto& d) { return d.name == name; });
  return found == all.end() ? nullptr : &*found;
}

// Null if no name is near.
const Definition* NearestTo(std::string_view unknown) {
  message::Nearest nearest(unknown);
  for (const Definition& definition : Definitions()) nearest.Offer(definition.name);
  return nearest.Best().empty() ? nullptr : Find(nearest.Best());
}

// ", did you mean --max-batch?", or nothing.
std::string Suggestion(std::string_view unknown, std::string_view prefix) {
  const Definition* nearest = NearestTo(unknown);
  return nearest == nullptr ? "" : fmt::format(", did you mean {}{}?", prefix, nearest->name);
}

class SettingProblems {
 public:
  void Add(std::string problem) { problems_.push_back(std::move(problem)); }
  // `source` is the setting's name as the operator spelled it.
  void Set(const Definition& definition, std::string_view source, std::string_view text,
           Settings& settings) {
    if (const auto applied = Apply(definition, text, settings); !applied) {
      Add(fmt::format("{}: expected {}, got \"{}\"", source, applied.error(), text));
    }
  }
  void Throw() const {
    if (!problems_.empty()) {
      throw Failure(ExitCode::kSettings, fmt::format("{}", fmt::join(problems_, "; ")));
    }
  }

 private:
  std::vector<std::string> problems_;
};

// The value of one key, written as for a flag; nullopt: not a value.
std::optional<std::string> ValueOf(const policy::document::YamlTree& tree,
                                   const policy::document::YamlNode& node, bool is_list) {
  if (node.kind == policy::document::YamlNode::Kind::kScalar) return node.text;
  if (node.kind != policy::document::YamlNode::Kind::kList || !is_list) return std::nullopt;
  std::string joined;
  for (const uint32_t child : node.children) {
    if (tree[child].kind != policy::document::YamlNode::Kind::kScalar) return std::nullopt;
    joined += tree[child].text + ",";
  }
  return joined;
}

void ApplyFile(const std::string& path, Settings& settings, SettingProblems& problems) {
  const auto text = policy::document::ReadFile(path, policy::document::kMaxDocument);
  if (!text) throw Failure(ExitCode::kFile, fmt::format("--config: {} {}", path, text.error()));
  auto tree = policy::document::ParseYaml(*text);
  if (!tree) {
    tree.error().file = path;
    throw Failure(ExitCode::kSettings, message::ToString(tree.error()));
  }
  const policy::document::YamlNode& root = tree->front();
  if (root.kind == policy::document::YamlNode::Kind::kNull) return;
  if (root.kind != policy::document::YamlNode::Kind::kObject) {
    throw Failure(ExitCode::kSettings, fmt::format("{}: expected a map of settings", path));
  }
  absl::flat_hash_set<std::string_view> seen;
  for (size_t i = 0; i + 1 < root.children.size(); i += 2) {
    const policy::document::YamlNode& key = (*tree)[root.children[i]];
    const std::string source = fmt::format("{}:{}: {}", path, key.position.line, key.text);
    const Definition* definition = Find(key.text);
    if (definition == nullptr) {
      problems.Add(fmt::format("{}: no such setting{}", source, Suggestion(key.text, "")));
      continue;
    }
    if (!seen.insert(key.text).second) problems.Add(source + ": given twice, keep one");
    const auto value = ValueOf(*tree, (*tree)[root.children[i + 1]],
                               std::holds_alternative<List>(definition->kind));
    if (value) {
      problems.Set(*definition, source, *value, settings);
    } else {
      problems.Add(source + ": expected a single value");
    }
  }
}

constexpr std::string_view kVariables = "FINGERPOST_";

// Reports a variable that looks like a setting but is none. Variables that Kubernetes sets for a
// Service with such a name, and other programs' variables, are no mistake.
void CheckVariable(std::string_view variable, SettingProblems& problems) {
  const std::string_view name = variable.substr(0, variable.find('='));
  if (!name.starts_with(kVariables) || name.find("_PORT") != name.npos ||
      name.find("_SERVICE_HOST") != name.npos) {
    return;
  }
  std::string setting;
  for (const char c : name.substr(kVariables.size())) {
    setting += c == '_' ? '-' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  const Definition* nearest = NearestTo(setting);
  if (nearest == nullptr || VariableName(*nearest) == name) return;
  problems.Add(fmt::format("{}: no such setting, did you mean {}?", name, VariableName(*nearest)));
}

void ApplyEnvironment(Settings& settings, SettingProblems& problems) {
  for (const Definition& definition : Definitions()) {
    const std::string name = VariableName(definition);
    const char* value = std::getenv(name.c_str());
    if (value != nullptr && *value != 0) problems.Set(definition, name, value, settings);
  }
  for (char** variable = environ; *variable != nullptr; ++variable) {
    CheckVariable(*variable, problems);
  }
}

// Adds a CLI11 option for each setting; `given` gets the values, which must not move.
void AddOptions(CLI::App& app, absl::node_hash_map<std::string_view, std::string>& given) {
  const Settings defaults;
  for (const Definition& definition : Definitions()) {
    const std::string flag = fmt::format("--{}", definition.name);
    const std::string help(definition.help);
    std::string& value = given[definition.name];
    CLI::Option* option = nullptr;
    if (std::holds_alternative<Switch>(definition.kind)) {
      option = app.add_flag(flag, value, help);
    } else {
      option = app.add_option(flag, value, help)->type_name(std::string(definition.value));
      const std::string shown = Show(definition, defaults);
      if (!shown.empty()) option->default_str(shown);
    }
    // A repeated flag extends a list; for any other kind it is a mistake.
    if (std::holds_alternative<List>(definition.kind)) {
      option->multi_option_policy(CLI::MultiOptionPolicy::Join)->delimiter(',');
    } else {
      option->multi_option_policy(CLI::MultiOptionPolicy::Throw);
    }
    option->group(std::string(definition.group));
  }
}

}  // namespace

CommandLine ParseCommandLine(int argc, const char* const* argv) {
  CommandLine result;
  CLI::App app(
      "fingerpostd answers what to send and what to follow about HTTP redirects, over gRPC.",
      "fingerpostd");
  app.set_version_flag("--version", fmt::format("fingerpostd {}", kVersion), "Show the version");
  app.get_formatter()->column_width(36);
  app.footer(kFooter);
  std::string config;
  app.add_option("--config", config, "Read settings from this YAML file")->type_name("FILE");
  app.add_flag("--check", result.check, "Check settings, certificates and policy, and exit");
  bool reference = false;
  app.add_flag("--settings-reference", reference, "Print all settings in Markdown, and exit");
  absl::node_hash_map<std::string_view, std::string> given;
  AddOptions(app, given);

  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    result.print = app.help();
    return result;
  } catch (const CLI::CallForVersion&) {
    result.print = fmt::format("fingerpostd {}\n", kVersion);
    return result;
  } catch (const CLI::ExtrasError&) {
    SettingProblems problems;
    for (const std::string& extra : app.remaining()) {
      const auto name =
          std::string_view(extra).substr(std::min(extra.find_first_not_of('-'), extra.size()));
      problems.Add(fmt::format("{}: no such flag{}", extra,
                               Suggestion(name.substr(0, name.find('=')), "--")));
    }
    problems.Throw();
  } catch (const CLI::ParseError& fault) {
    throw Failure(ExitCode::kSettings, fault.what());
  }

  if (reference) {
    result.print = ReferencePage();
    return result;
  }
  SettingProblems problems;
  if (!config.empty()) ApplyFile(config, result.settings, problems);
  ApplyEnvironment(result.settings, problems);
  for (const Definition& definition : Definitions()) {
    const std::string flag = fmt::format("--{}", definition.name);
    if (app.count(flag) > 0) {
      problems.Set(definition, flag, given[definition.name], result.settings);
    }
  }
  problems.Throw();
  return result;
}

}  // namespace fingerpost
