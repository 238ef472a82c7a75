// AWS's Security Token Service: requests in its Query API, answers in XML.
#include "providers/credentials/aws_sources.hpp"
#include "providers/credentials/sigv4.hpp"

namespace switchyard::providers {

namespace {

const Issuer k_sts{"AWS STS", "aws_role_name, its trust policy and the credentials that call it"};

std::string_view element(std::string_view xml, std::string_view name) {
  const auto open = "<" + std::string(name) + ">", close = "</" + std::string(name) + ">";
  const auto from = xml.find(open);
  if (from == std::string_view::npos) return {};
  xml.remove_prefix(from + open.size());
  const auto to = xml.find(close);
  return to == std::string_view::npos ? std::string_view{} : xml.substr(0, to);
}

Result<Next> take_credentials(WallTime now, const UpstreamAnswer& answer) {
  if (!succeeded(answer)) return token_refused(k_sts, answer);
  const auto found = element(answer.body, "Credentials");
  Token token;
  token.access_key = element(found, "AccessKeyId");
  token.secret_key = Secret(std::string(element(found, "SecretAccessKey")));
  token.session_token = Secret(std::string(element(found, "SessionToken")));
  if (token.access_key.empty() || token.secret_key.empty() || token.session_token.empty())
    return credentials_error(k_sts, "the answer holds no credentials");
  if (!parse_time(element(found, "Expiration"), token.expires)) token.expires = now + std::chrono::hours(1);
  return done(std::move(token));
}

Form role_form(std::string action, const Role& role, WallTime now) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
  Form form = {
      {"Action", std::move(action)},
      {"Version", "2011-06-15"},
      {"RoleArn", role.arn},
      {"RoleSessionName", role.session.empty() ? "switchyard-" + std::to_string(seconds) : role.session},
      {"DurationSeconds", "3600"}};
  if (!role.external_id.empty()) form.emplace_back("ExternalId", role.external_id);
  int number = 0;
  for (auto& tag : role.tags) {
    const auto name = "Tags.member." + std::to_string(++number);
    form.emplace_back(name + ".Key", tag.first), form.emplace_back(name + ".Value", tag.second);
  }
  return form;
}

Result<TokenRequest> signed_form(const StsPlace& sts, const Form& form, const Token& aws, WallTime now) {
  const auto body = to_form(form);
  std::vector<HeadLine> lines = {{"Content-Type", "application/x-www-form-urlencoded"}};
  SigV4Request request;
  const auto path = sts.url.path.empty() ? "/" : sts.url.path;
  request.method = "POST", request.path = path, request.host = sts.url.host_header;
  request.lines = lines, request.body = body, request.service = "sts", request.region = sts.region;
  TokenCall call;
  call.method = "POST", call.path = path, call.lines = sign_v4(request, aws, now), call.body = body;
  call.lines.push_back(lines.front());
  return make_request(k_sts, sts.url, std::move(call));
}

/// Whether "arn:aws:sts::123:assumed-role/name/session" is a session of "arn:aws:iam::123:role/path/name".
bool is_session_of(std::string_view session, std::string_view role) {
  const auto account = [](std::string_view arn) {
    for (int i = 0; i < 4; ++i) arn.remove_prefix(std::min(arn.find(':') + 1, arn.size()));
    return arn.substr(0, arn.find(':'));
  };
  const auto marker = session.find(":assumed-role/");
  if (marker == std::string_view::npos || account(session) != account(role)) return false;
  auto name = session.substr(marker + 14);
  name = name.substr(0, name.find('/'));
  return !name.empty() && role.ends_with("/" + std::string(name));
}

Result<Next> ask_for_role(const StsPlace& sts, const Role& role, const Token& aws, WallTime now) {
  return ask(signed_form(sts, role_form("AssumeRole", role, now), aws, now), take_credentials);
}

} // namespace

Result<StsPlace> sts_place(std::string_view endpoint, std::string_view region) {
  StsPlace place;
  place.region = region.empty() ? "us-east-1" : region;
  std::string text(endpoint);
  if (text.empty() && region.empty()) text = "https://sts.amazonaws.com";
  if (text.empty())
    text =
        "https://sts." + path_segment(region) + ".amazonaws.com" + (region.starts_with("cn-") ? ".cn" : "");
  auto url = token_url("aws_sts_endpoint", text);
  if (!url) return url.error();
  place.url = std::move(*url);
  return place;
}

Step assume_role(StsPlace sts, Role role, Step source, bool unless_it_is) {
  return and_then(std::move(source), [=](WallTime now, const Token& aws) -> Result<Next> {
    if (!unless_it_is) return ask_for_role(sts, role, aws, now);
    const Form who = {{"Action", "GetCallerIdentity"}, {"Version", "2011-06-15"}};
    return ask(signed_form(sts, who, aws, now),
               [=](WallTime later, const UpstreamAnswer& answer) -> Result<Next> {
                 const bool same = succeeded(answer) && is_session_of(element(answer.body, "Arn"), role.arn);
                 return same ? done(aws) : ask_for_role(sts, role, aws, later);
               });
  });
}

Step assume_role_with_token(StsPlace sts, Role role, Step source) {
  return and_then(std::move(source), [=](WallTime now, const Token& identity) -> Result<Next> {
    auto form = role_form("AssumeRoleWithWebIdentity", role, now);
    form.emplace_back("WebIdentityToken", identity.bearer.reveal());
    return ask(post_form(k_sts, sts.url, form), take_credentials);
  });
}

} // namespace switchyard::providers
