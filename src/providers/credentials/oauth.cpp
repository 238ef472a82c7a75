// OAuth 2.0 grants.
#include "providers/credentials/oauth.hpp"

#include "providers/credentials/digest.hpp"

namespace switchyard::providers {

namespace {

Result<Next> post(const Grant& grant) {
  return ask(post_form(grant.issuer, grant.url, grant.form, grant.lines),
             [issuer = grant.issuer, secrets = grant.secrets](WallTime now,
                                                              const UpstreamAnswer& answer) -> Result<Next> {
               const std::vector<std::string_view> hidden(secrets.begin(), secrets.end());
               auto token = oauth_token(issuer, answer, now, hidden);
               if (!token) return token.error();
               return done(std::move(*token));
             });
}

} // namespace

Step grant(Grant grant) {
  return [grant](WallTime, const UpstreamAnswer&) { return post(grant); };
}

Step grant_with(Grant grant, Step identity) {
  return and_then(std::move(identity), [grant](WallTime, const Token& token) {
    auto filled = grant;
    filled.form.emplace_back(grant.assertion_field, token.bearer.reveal());
    filled.secrets.emplace_back(token.bearer.reveal());
    return post(filled);
  });
}

HeadLine basic_line(std::string_view id, std::string_view secret) {
  return {"Authorization", "Basic " + to_base64(path_segment(id) + ":" + path_segment(secret)), true};
}

} // namespace switchyard::providers
