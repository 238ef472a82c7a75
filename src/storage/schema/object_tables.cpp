// LiteLLM's managed objects and the rest (spec management.md 7.4), and Switchyard's own tables. Data only;
// see Definition for the form.
#include "storage/schema/schema.hpp"

namespace switchyard::storage {
namespace {

constexpr Definition k_tables[] = {
    {"ManagedFileTable",
     "id T, unified_file_id T, file_object J?, model_mappings J, flat_model_file_ids A, storage_backend T?, "
     "storage_url T?, created_at D=now, created_by T?, team_id T?, updated_at D=now, updated_by T?",
     "pk id; unique unified_file_id; index unified_file_id; index team_id,created_at desc"},
    {"ManagedObjectTable",
     "id T, unified_object_id T, model_object_id T, file_object J, file_purpose T, status T?, "
     "batch_processed b=false, created_at D=now, created_by T?, team_id T?, updated_at D=now, updated_by T?",
     "pk id; unique unified_object_id; unique model_object_id; index unified_object_id; "
     "index model_object_id; index team_id,created_at desc"},
    {"ManagedVectorStoreTable",
     "id T, unified_resource_id T, resource_object J?, model_mappings J, flat_model_resource_ids A, "
     "storage_backend T?, storage_url T?, created_at D=now, created_by T?, team_id T?, updated_at D=now, "
     "updated_by T?",
     "pk id; unique unified_resource_id"},
    {"ManagedVectorStoresTable",
     "vector_store_id T, custom_llm_provider T, vector_store_name T?, vector_store_description T?, "
     "vector_store_metadata J?, @ts2, litellm_credential_name T?, litellm_params J?, team_id T?, user_id T?",
     "pk vector_store_id; index team_id; index user_id"},
    {"ManagedVectorStoreIndexTable", "id T, index_name T, litellm_params J, index_info J?, @by",
     "pk id; unique index_name"},
    {"AdaptiveRouterState",
     "router_name T, request_type T, model_name T, alpha F, beta F, total_samples I=0, last_updated_at D",
     "pk router_name,request_type,model_name"},
    {"AdaptiveRouterSession",
     "session_id T, router_name T, model_name T, classified_type T, misalignment_count I=0, "
     "stagnation_count I=0, disengagement_count I=0, satisfaction_count I=0, failure_count I=0, "
     "loop_count I=0, exhaustion_count I=0, last_user_content T?, last_assistant_content T?, "
     "tool_call_history J=[], pending_tool_calls J={}, turn_count I=0, last_processed_turn I=-1, "
     "clean_credit_awarded b=false, terminal_status I?, last_activity_at D",
     "pk session_id,router_name,model_name; index last_activity_at"},
    {"WorkflowRun",
     "run_id T, session_id T, workflow_type T, status T=pending, created_by T?, @ts2, input J?, output J?, "
     "metadata J?",
     "pk run_id; unique session_id"},
    {"WorkflowEvent",
     "event_id T, run_id T, event_type T, step_name T, sequence_number I, data J?, created_at D=now",
     "pk event_id; unique run_id,sequence_number"},
    {"WorkflowMessage",
     "message_id T, run_id T, role T, content T, sequence_number I, session_id T?, created_at D=now",
     "pk message_id; unique run_id,sequence_number"},
    // -- ours: what migrate() did, and how far each spend journal is in the database (journal.hpp)
    {"Switchyard_Migrations", "version B, description T, applied_at D=now", "pk version"},
    {"Switchyard_Journal", "journal T, sequence B=0, updated_at D=now", "pk journal"},
};

} // namespace

const std::span<const Definition> k_object_tables{k_tables};

} // namespace switchyard::storage
