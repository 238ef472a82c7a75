// The route table of /key/*. Immutable data.
#include "management/keys.hpp"
#include "management/routes.hpp"

namespace switchyard::management {

std::span<const Route> key_routes() {
  static constexpr Route k_routes[] = {
      {"/key/generate", k_post, key_generate, "Make a key"},
      {"/key/service-account/generate", k_post, key_generate_service_account,
       "Make a key that belongs to a team and no user"},
      {"/key/update", k_post, key_update, "Change a key"},
      {"/key/bulk_update", k_post, key_bulk_update, "Change up to 500 keys"},
      {"/key/delete", k_post, key_delete, "Delete keys"},
      {"/key/info", k_get, key_info, "What is known about a key"},
      {"/v2/key/info", k_post, key_info_v2, "What is known about several keys"},
      {"/key/list", k_get, key_list, "Keys, page by page"},
      {"/key/aliases", k_get, key_aliases, "Aliases in use, page by page"},
      {"/key/block", k_post, key_block, "Block a key"},
      {"/key/unblock", k_post, key_unblock, "Unblock a key"},
      {"/key/regenerate", k_post, key_regenerate, "Give a key a new value"},
      {"/key/{m}/regenerate", k_post, key_regenerate, "Give a key a new value"},
      {"/key/{m}/reset_spend", k_post, key_reset_spend, "Set a key's spend back"},
      {"/key/health", k_post, key_health, "Whether the calling key and its logging work"},
  };
  return k_routes;
}

} // namespace switchyard::management
