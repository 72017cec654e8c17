// `fingerpost profiles`: whose rules Follow knows, and where clients part.
#include <absl/strings/str_cat.h>
#include <absl/strings/str_split.h>

#include <nlohmann/json.hpp>

#include "command.h"
#include "compared_answers.h"
#include "exit_code.h"
#include "flag_reader.h"
#include "output.h"
#include "profile_settings.h"
#include "questions.h"
#include "text_table.h"

namespace fingerpost::cli {
namespace {

using follow::Profile;
using Profiles = std::vector<const Profile*>;

const Profile& Strict() { return *follow::FindProfile(v1::PROFILE_STRICT); }

Profiles EveryProfile() {
  Profiles all;
  for (int value = v1::PROFILE_UNSPECIFIED + 1; value <= v1::Profile_MAX; ++value) {
    if (v1::Profile_IsValid(value))
      all.push_back(follow::FindProfile(static_cast<v1::Profile>(value)));
  }
  return all;
}

message::Result<Profiles> Named(const std::vector<std::string>& names) {
  if (names.empty()) return EveryProfile();
  Profiles found;
  for (const std::string& name : names) {
    if (name == "all") return EveryProfile();
    const auto* value = message::FindEnumValue(*v1::Profile_descriptor(), name);
    const Profile* profile =
        value == nullptr ? nullptr : follow::FindProfile(static_cast<v1::Profile>(value->number()));
    if (profile == nullptr)
      return message::Unexpected("unknown profile " + name + ": " +
                                 message::ExpectedEnumValue(*v1::Profile_descriptor(), name));
    found.push_back(profile);
  }
  return found;
}

const char* Checked(const Profile& profile) {
  if (profile.id == v1::PROFILE_STRICT || profile.id == v1::PROFILE_FETCH)
    return "the specification";
  return profile.verified ? "compared with the real client"
                          : "from its source; not compared with this release";
}

// Its settings that are not STRICT's; all of them for STRICT itself.
std::vector<ProfileSetting> Departures(const Profile& profile) {
  std::vector<ProfileSetting> settings = SettingsOf(profile);
  if (profile.id == v1::PROFILE_STRICT) return settings;
  const std::vector<ProfileSetting> strict = SettingsOf(Strict());
  std::vector<ProfileSetting> out;
  for (size_t i = 0; i < settings.size(); ++i) {
    if (settings[i].value != strict[i].value) out.push_back(std::move(settings[i]));
  }
  return out;
}

std::string Listed(const Profiles& profiles, const Palette& palette) {
  std::string out;
  for (const Profile* profile : profiles) {
    absl::StrAppend(&out, out.empty() ? "" : "\n", palette.Paint(Style::kBold, NameOf(*profile)),
                    "  ", std::string(profile->client), " (", Checked(*profile), ")\n");
    TextTable table({{""}, {""}});
    for (const ProfileSetting& setting : Departures(*profile))
      table.Add({absl::StrCat("  ", std::string(setting.name)), setting.value});
    const std::string rows = table.Text();
    out += rows.substr(std::min(rows.size(), rows.find('\n') + 1));
  }
  return out;
}

std::string ListedAsJson(const Profiles& profiles) {
  std::string out;
  for (const Profile* profile : profiles) {
    nlohmann::ordered_json line = {{"profile", message::ShortEnumName(profile->id)},
                                   {"client", profile->client},
                                   {"verified", profile->verified},
                                   {"settings", nlohmann::ordered_json::object()},
                                   {"departs_from_strict", nlohmann::ordered_json::array()}};
    for (const ProfileSetting& setting : SettingsOf(*profile))
      line["settings"][setting.name] = setting.value;
    if (profile->id != v1::PROFILE_STRICT) {
      for (const ProfileSetting& setting : Departures(*profile))
        line["departs_from_strict"].push_back(setting.name);
    }
    out += line.dump() + "\n";
  }
  return out;
}

// The settings in which these profiles differ.
std::string ComparedSettings(const Profiles& profiles) {
  std::vector<TextTable::Column> columns = {{""}};
  std::vector<std::vector<ProfileSetting>> settings;
  for (const Profile* profile : profiles) {
    columns.push_back({NameOf(*profile)});
    settings.push_back(SettingsOf(*profile));
  }
  TextTable table(std::move(columns));
  for (size_t i = 0; i < settings.front().size(); ++i) {
    std::vector<std::string> row = {std::string(settings.front()[i].name)};
    bool differs = false;
    for (const auto& one : settings) {
      differs |= one[i].value != settings.front()[i].value;
      row.push_back(one[i].value);
    }
    if (differs) table.Add(std::move(row));
  }
  const std::string text = table.Text();
  return text.empty() ? "No setting differs.\n" : text;
}

class ProfilesCommand : public Command {
 public:
  explicit ProfilesCommand(CLI::App* app) : Command(app) {
    app->add_option("PROFILE", names_, "These alone")->type_name("");
    app->add_flag("--json", json_, "Print a line of JSON for each");
    app->add_option("--compare", compared_,
                    "Show where these part, or all: for one response, if --url and --status give "
                    "it; otherwise in their settings")
        ->type_name("PROFILE,PROFILE...")
        ->delimiter(',')
        ->allow_extra_args(false)
        ->excludes("PROFILE")
        ->excludes("--json");
    flags_.AddTo(*app);
    question_ = app->get_options([app](CLI::Option* option) {
      return option != app->get_help_ptr() && option->get_name() != "PROFILE" &&
             option->get_name() != "--json" && option->get_name() != "--compare";
    });
  }

  int Run() override {
    const auto profiles =
        Check().and_then([this] { return Named(compared_.empty() ? names_ : compared_); });
    if (!profiles) {
      Complain(profiles.error());
      return kUsage;
    }
    if (!compared_.empty())
      return Asks() ? CompareAnswers(*profiles) : Write(ComparedSettings(*profiles));
    return Write(json_ ? ListedAsJson(*profiles) : Listed(*profiles, Palette::ForStandardOutput()));
  }

 private:
  static int Write(const std::string& text) { return Print(text) ? kAnswered : kInputOutput; }

  [[nodiscard]] bool Asks() const {
    return std::any_of(question_.begin(), question_.end(),
                       [](const CLI::Option* option) { return option->count() > 0; });
  }

  message::Result<void> Check() const {
    for (const CLI::Option* option : question_) {
      if (option->count() == 0) continue;
      if (compared_.empty()) return message::Unexpected(option->get_name() + " needs --compare");
      if (option->get_name() == "--profile")
        return message::Unexpected("--compare names the profiles: expected no --profile beside it");
    }
    return {};
  }

  int CompareAnswers(const Profiles& profiles) const {
    v1::FollowRequest question;
    if (const message::Done done = flags_.Ask(question); !done) {
      Complain(Describe(done.error()));
      return kWrongQuestion;
    }
    FillIn(question);
    std::vector<v1::Profile> ids;
    for (const Profile* profile : profiles) ids.push_back(profile->id);
    const auto text = ComparedAnswers(question, ids);
    if (!text) {
      Complain(Describe(text.error()));
      return kWrongQuestion;
    }
    return Write(*text);
  }

  std::vector<std::string> names_;
  std::vector<std::string> compared_;
  bool json_ = false;
  FollowFlags flags_;
  std::vector<CLI::Option*> question_;
};

}  // namespace

std::unique_ptr<Command> MakeProfilesCommand(CLI::App& app) {
  return std::make_unique<ProfilesCommand>(
      app.add_subcommand("profiles", "The clients whose rules Follow knows, and where they part"));
}

}  // namespace fingerpost::cli
