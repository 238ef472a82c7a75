// The identity that an external_account brings: out of a file, a URL, or AWS. Programs are not run.
#include "providers/credentials/aws_sources.hpp"
#include "providers/credentials/google_account.hpp"
#include "providers/credentials/sigv4.hpp"

#include <switchyard/ascii.hpp>

#include <algorithm>

namespace switchyard::providers {

namespace {

const Issuer k_identity{"Google external_account", "credential_source"};

/// The whole text, or a member of it: format {type: json, subject_token_field_name}.
Result<Next> take_identity(const std::string& member, std::string_view body) {
  std::string text(trim(body));
  while (text.ends_with('\n') || text.ends_with('\r')) text.pop_back();
  if (!member.empty()) {
    auto json = parse_json(body);
    if (!json || !json->as_map()) return credentials_error(k_identity, "the identity is not a JSON object");
    text = text_at(*json, member);
  }
  if (text.empty()) return credentials_error(k_identity, "there is no identity token");
  Token token;
  token.bearer = Secret(std::move(text));
  return done(std::move(token));
}

Step of_file(std::string path, std::string member) {
  return [=](WallTime, const UpstreamAnswer&) {
    return read_file(path, [=](WallTime, const UpstreamAnswer& answer) -> Result<Next> {
      if (answer.status != 200) return credentials_error(k_identity, "the file " + path + " cannot be read");
      return take_identity(member, answer.body);
    });
  };
}

Result<Step> of_url(const Value& source, std::string_view where, std::string member) {
  auto url = token_url("credential_source.url", where);
  if (!url) return url.error();
  TokenCall call;
  if (auto headers = source.find("headers"); headers && headers->as_map())
    for (auto& header : *headers->as_map())
      if (auto value = header.second.as_string()) call.lines.push_back({header.first, *value, true});
  const auto named = [](const HeadLine& line) {
    return line.name.find_first_of("\r\n: ") == std::string::npos;
  };
  if (!std::all_of(call.lines.begin(), call.lines.end(), named))
    return google_file_error("'credential_source.headers' has a name that is none");
  return Step([place = *url, call, member](WallTime, const UpstreamAnswer&) {
    return ask(make_request(k_identity, place, call),
               [member](WallTime, const UpstreamAnswer& answer) -> Result<Next> {
                 if (!succeeded(answer)) return token_refused(k_identity, answer);
                 return take_identity(member, answer.body);
               });
  });
}

/// A signed GetCallerIdentity that Google sends in our place; it is the identity.
Result<Next> signed_caller(const std::string& url_pattern, const std::string& audience,
                           const std::string& region, const Token& aws, WallTime now) {
  auto text = url_pattern;
  if (const auto at = text.find("{region}"); at != std::string::npos) text.replace(at, 8, region);
  auto url = token_url("credential_source.regional_cred_verification_url", text);
  if (!url) return url.error();
  std::vector<HeadLine> lines = {{"x-goog-cloud-target-resource", audience}};
  SigV4Request request;
  request.method = "POST", request.path = url->path.empty() ? "/" : std::string_view(url->path);
  request.query = url->query, request.host = url->host_header;
  request.lines = lines, request.service = "sts", request.region = region;
  for (auto& line : sign_v4(request, aws, now)) lines.push_back(line);
  lines.push_back({"host", url->host_header});
  std::sort(lines.begin(), lines.end(), [](auto& a, auto& b) { return a.name < b.name; });
  ValueList headers;
  for (auto& line : lines)
    headers.push_back(Value(ValueMap{{"key", Value(line.name)}, {"value", Value(line.value)}}));
  const ValueMap caller = {
      {"headers", Value(headers)}, {"method", Value(std::string("POST"))}, {"url", Value(text)}};
  Token token;
  token.bearer = Secret(path_segment(to_json(Value(caller))));
  return done(std::move(token));
}

Result<Step> of_aws(const Value& file, const Value& source, EnvLookup env) {
  const std::string pattern(text_at(source, "regional_cred_verification_url")),
      audience(text_at(file, "audience"));
  if (text_at(source, "environment_id") != "aws1" || pattern.empty())
    return google_file_error("'credential_source' is not that of environment aws1");
  auto sts = sts_place("", first_env("AWS_REGION AWS_DEFAULT_REGION", env));
  if (!sts) return sts.error();
  auto keys = ambient_aws(*sts, env);
  if (!keys) return keys.error();
  return and_then(ambient_region(env), [=, keys = *keys](WallTime now, const Token& place) {
    const std::string region(place.bearer.reveal());
    return and_then(keys, [=](WallTime later, const Token& aws) {
      return signed_caller(pattern, audience, region, aws, later);
    })(now, UpstreamAnswer{});
  });
}

} // namespace

Result<Step> external_identity(const Value& file, EnvLookup env) {
  const auto* source = file.find("credential_source");
  if (!source || !source->as_map()) return google_file_error("'credential_source' is missing");
  if (text_at(*source, "environment_id").starts_with("aws")) return of_aws(file, *source, env);
  std::string member;
  if (auto format = source->find("format"); format && text_at(*format, "type") == "json")
    member = text_at(*format, "subject_token_field_name", "access_token");
  if (auto path = text_at(*source, "file"); !path.empty()) return of_file(std::string(path), member);
  if (auto url = text_at(*source, "url"); !url.empty()) return of_url(*source, url, member);
  return google_file_error(
      "'credential_source' has neither file nor url (executables and certificates are not "
      "supported)");
}

} // namespace switchyard::providers
