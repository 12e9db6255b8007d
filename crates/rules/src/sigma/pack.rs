//! The rules that come with Coldtrail: those of `rules/sigma`, embedded.
//!
//! They see what is particular to serverless platforms, of which the public rules know little; `rules/sigma/README.md`
//! says what each group of them sees.

use super::RuleText;

/// The paths and texts of rules, given their paths below `rules/sigma`.
macro_rules! texts {
    ($($path:literal)*) => {
        &[$(($path, include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../rules/sigma/", $path)))),*]
    };
}

/// Every rule of the pack, in order of path.
const TEXTS: &[(&str, &str)] = texts! {
    "azure_activity/function_app_changed.yml"
    "azure_activity/function_keys_read.yml"
    "azure_activity/logic_app_trigger_address_read.yml"
    "azure_activity/public_front_made.yml"
    "cloudtrail/api_gateway_created.yml"
    "cloudtrail/api_gateway_fireprox.yml"
    "cloudtrail/container_service_created.yml"
    "cloudtrail/edge_function.yml"
    "cloudtrail/function_open_to_everybody.yml"
    "cloudtrail/function_url_any_origin.yml"
    "cloudtrail/function_url_by_script.yml"
    "cloudtrail/function_url_denied.yml"
    "cloudtrail/function_url_open_to_everybody.yml"
    "cloudtrail/function_url_without_authentication.yml"
    "correlation/dns_beacon.yml"
    "correlation/dns_query_beacon.yml"
    "correlation/download_then_query.yml"
    "correlation/function_code_after_url.yml"
    "correlation/function_made_public.yml"
    "correlation/functions_in_many_regions.yml"
    "correlation/host_uses_many_platforms.yml"
    "correlation/post_beacon.yml"
    "correlation/rare_name_on_many_hosts.yml"
    "correlation/tenant_rotation.yml"
    "correlation/upload_in_parts.yml"
    "dns/chinese_function_platform.yml"
    "dns/edge_worker.yml"
    "dns/lambda_function_url.yml"
    "dns/out_of_band_server.yml"
    "dns/rare_function_platform.yml"
    "dns_query/application_platform.yml"
    "dns_query/aws_api_gateway.yml"
    "dns_query/azure_api_management_and_logic_apps.yml"
    "dns_query/azure_container_apps.yml"
    "dns_query/azure_functions.yml"
    "dns_query/cloudflare_r2.yml"
    "dns_query/cloudflare_workers_and_pages.yml"
    "dns_query/deno_deploy.yml"
    "dns_query/google_app_engine_and_firebase.yml"
    "dns_query/google_apps_script.yml"
    "dns_query/google_cloud_functions.yml"
    "dns_query/google_cloud_run.yml"
    "dns_query/lambda_function_url.yml"
    "dns_query/netlify_and_vercel.yml"
    "dns_query/office_program.yml"
    "dns_query/request_bin.yml"
    "dns_query/script_host.yml"
    "dns_query/silent_process.yml"
    "dns_query/user_writable_path.yml"
    "gcp_audit/cloud_function_open_to_everybody.yml"
    "gcp_audit/cloud_run_open_to_everybody.yml"
    "gcp_audit/function_created.yml"
    "network_connection/linux_interpreter.yml"
    "network_connection/script_host.yml"
    "network_connection/silent_process.yml"
    "network_connection/unusual_port.yml"
    "network_connection/user_writable_path.yml"
    "process_creation/bits_job.yml"
    "process_creation/deployment_tool.yml"
    "process_creation/deployment_tool_from_unusual_parent.yml"
    "process_creation/download_and_run.yml"
    "process_creation/download_tool.yml"
    "process_creation/linux_download_by_server.yml"
    "process_creation/linux_download_to_shell.yml"
    "process_creation/public_function_by_command_line.yml"
    "process_creation/script_host_url.yml"
    "process_creation/upload_by_curl.yml"
    "proxy/apps_script_post.yml"
    "proxy/apps_script_without_browser.yml"
    "proxy/empty_user_agent.yml"
    "proxy/executable_download.yml"
    "proxy/fireprox_stage.yml"
    "proxy/function_path_without_browser.yml"
    "proxy/large_upload.yml"
    "proxy/outdated_user_agent.yml"
    "proxy/post_without_referrer.yml"
    "proxy/powershell_user_agent.yml"
    "proxy/scripting_user_agent.yml"
    "proxy/workflow_trigger.yml"
};

/// The rules that come with Coldtrail, in order of path; a file is called `builtin/` and its path below `rules/sigma`.
pub fn builtin_pack() -> Vec<RuleText> {
    let text = |&(path, text): &(&str, &str)| RuleText {
        file: format!("builtin/{path}").into(),
        text: text.to_owned(),
        license: "Apache-2.0".to_owned(),
    };
    TEXTS.iter().map(text).collect()
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::*;

    fn rules_below(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                rules_below(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "yml") {
                found.push(path);
            }
        }
    }

    #[test]
    fn the_pack_holds_every_rule_of_the_folder_and_nothing_else() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../rules/sigma");
        let mut on_disk = Vec::new();
        rules_below(&folder, &mut on_disk);
        let mut on_disk: Vec<PathBuf> = on_disk
            .iter()
            .map(|path| Path::new("builtin").join(path.strip_prefix(&folder).unwrap()))
            .collect();
        on_disk.sort();
        let embedded: Vec<PathBuf> = builtin_pack().into_iter().map(|text| text.file).collect();
        assert_eq!(embedded, on_disk);
    }
}
