//! The tables that hunting queries name: texts in KQL over our own tables and over records as they were exported.
//!
//! A table is the body of a view, in `dialects/<whose>/<name>.kql`. Its first arm declares the columns that the
//! vendor documents and reads the records that came from that very table (`externaldata(…)["records:<name>"]`); the
//! others fill it from what else is read, and leave out what the first arm has already: `flow besides defender` is
//! the table `flow` without the rows that exports of Defender were read into. A function
//! is a text with parameters in front: `(parameters) { body }`. The comment on top says what fills it.

#[cfg(test)]
mod tests;

/// A table or function that queries in a vendor's dialect name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dialect {
    /// What queries call it.
    pub name: &'static str,
    /// Whose words these are: `defender`, `sentinel` or `asim`.
    pub family: &'static str,
    /// A body alone, or one with parameters in front, behind a comment.
    pub text: &'static str,
}

impl Dialect {
    /// What it holds and what fills it: the comment on top of the text, without its signs.
    pub fn about(&self) -> String {
        let lines = self.text.lines().map_while(|line| line.strip_prefix("//"));
        lines.map(str::trim).collect::<Vec<_>>().join("\n")
    }

    /// The kinds of exported records that it reads, each with the columns that it declares of them.
    pub fn exports(&self) -> Vec<(&'static str, Vec<&'static str>)> {
        let mut exports = Vec::new();
        let mut rest = self.text;
        while let Some((_, behind)) = rest.split_once("externaldata(") {
            let Some((columns, behind)) = behind.split_once(')') else { break };
            rest = behind;
            let Some((address, _)) = behind.split_once(']') else { break };
            let Some((_, kind)) = address.split_once("\"records:") else { continue };
            let names =
                columns.split(',').filter_map(|column| Some(column.split_once(':')?.0.trim()));
            exports.push((kind.trim_end().trim_end_matches('"'), names.collect()));
        }
        exports
    }

    /// Whether it takes parameters, and so is called rather than named.
    pub fn is_function(&self) -> bool {
        let text = self.text.lines().find(|line| !line.starts_with("//"));
        text.is_some_and(|line| line.starts_with('('))
    }
}

/// The table or function of that name.
pub fn dialect(name: &str) -> Option<&'static Dialect> {
    DIALECTS
        .binary_search_by(|known| known.name.cmp(name))
        .ok()
        .and_then(|place| DIALECTS.get(place))
}

/// All of them, in order of their names.
pub fn all() -> &'static [Dialect] {
    DIALECTS
}

/// Each as its name, `is` the folder and file that hold the text.
macro_rules! dialects {
    ($($name:literal is $family:literal / $file:literal;)+) => {
        const DIALECTS: &[Dialect] = &[$(Dialect {
            name: $name,
            family: $family,
            text: include_str!(concat!("../../dialects/", $family, "/", $file, ".kql")),
        },)+];
    };
}

dialects! {
    "AADManagedIdentitySignInLogs" is "sentinel" / "AADManagedIdentitySignInLogs";
    "AADNonInteractiveUserSignInLogs" is "sentinel" / "AADNonInteractiveUserSignInLogs";
    "AADProvisioningLogs" is "sentinel" / "AADProvisioningLogs";
    "AADRiskyServicePrincipals" is "sentinel" / "AADRiskyServicePrincipals";
    "AADRiskyUsers" is "sentinel" / "AADRiskyUsers";
    "AADServicePrincipalRiskEvents" is "sentinel" / "AADServicePrincipalRiskEvents";
    "AADServicePrincipalSignInLogs" is "sentinel" / "AADServicePrincipalSignInLogs";
    "AADSignInEventsBeta" is "defender" / "AADSignInEventsBeta";
    "AADSpnSignInEventsBeta" is "defender" / "AADSpnSignInEventsBeta";
    "AADUserRiskEvents" is "sentinel" / "AADUserRiskEvents";
    "ADFSSignInLogs" is "sentinel" / "ADFSSignInLogs";
    "AIAgentsInfo" is "defender" / "AIAgentsInfo";
    "AKSAudit" is "sentinel" / "AKSAudit";
    "ASimAuditEventLogs" is "sentinel" / "ASimAuditEventLogs";
    "ASimAuthentication" is "asim" / "_Im_Authentication";
    "ASimAuthenticationEventLogs" is "sentinel" / "ASimAuthenticationEventLogs";
    "ASimDns" is "asim" / "_Im_Dns";
    "ASimDnsActivityLogs" is "asim" / "ASimDnsActivityLogs";
    "ASimFileEvent" is "asim" / "_Im_FileEvent";
    "ASimFileEventLogs" is "asim" / "ASimFileEventLogs";
    "ASimNetworkSession" is "asim" / "_Im_NetworkSession";
    "ASimNetworkSessionLogs" is "asim" / "ASimNetworkSessionLogs";
    "ASimProcess" is "asim" / "_Im_ProcessCreate";
    "ASimProcessCreate" is "asim" / "_Im_ProcessCreate";
    "ASimProcessEvent" is "asim" / "_Im_ProcessCreate";
    "ASimProcessEventLogs" is "asim" / "ASimProcessEventLogs";
    "ASimRegistry" is "asim" / "_Im_RegistryEvent";
    "ASimRegistryEvent" is "asim" / "_Im_RegistryEvent";
    "ASimRegistryEventLogs" is "asim" / "ASimRegistryEventLogs";
    "ASimWebSession" is "asim" / "_Im_WebSession";
    "ASimWebSessionLogs" is "asim" / "ASimWebSessionLogs";
    "AWSCloudTrail" is "sentinel" / "AWSCloudTrail";
    "AWSCloudWatch" is "sentinel" / "AWSCloudWatch";
    "AWSGuardDuty" is "sentinel" / "AWSGuardDuty";
    "AWSS3ServerAccess" is "sentinel" / "AWSS3ServerAccess";
    "AWSVPCFlow" is "sentinel" / "AWSVPCFlow";
    "AWSWAF" is "sentinel" / "AWSWAF";
    "AZFWApplicationRule" is "sentinel" / "AZFWApplicationRule";
    "AZFWDnsQuery" is "sentinel" / "AZFWDnsQuery";
    "AZFWIdpsSignature" is "sentinel" / "AZFWIdpsSignature";
    "AZFWNatRule" is "sentinel" / "AZFWNatRule";
    "AZFWNetworkRule" is "sentinel" / "AZFWNetworkRule";
    "AZFWThreatIntel" is "sentinel" / "AZFWThreatIntel";
    "AddonAzureBackupJobs" is "sentinel" / "AddonAzureBackupJobs";
    "AgentsInfo" is "defender" / "AgentsInfo";
    "AlertEvidence" is "defender" / "AlertEvidence";
    "AlertInfo" is "defender" / "AlertInfo";
    "Anomalies" is "sentinel" / "Anomalies";
    "ApiManagementGatewayLogs" is "sentinel" / "ApiManagementGatewayLogs";
    "AppAvailabilityResults" is "sentinel" / "AppAvailabilityResults";
    "AppPerformanceCounters" is "sentinel" / "AppPerformanceCounters";
    "AppRequests" is "sentinel" / "AppRequests";
    "AppServiceAuditLogs" is "sentinel" / "AppServiceAuditLogs";
    "AppServiceHTTPLogs" is "sentinel" / "AppServiceHTTPLogs";
    "AssignedIPAddresses" is "defender" / "AssignedIPAddresses";
    "AuditLogs" is "sentinel" / "AuditLogs";
    "AzureActivity" is "sentinel" / "AzureActivity";
    "AzureDevOpsAuditing" is "sentinel" / "AzureDevOpsAuditing";
    "AzureDiagnostics" is "sentinel" / "AzureDiagnostics";
    "AzureMetrics" is "sentinel" / "AzureMetrics";
    "AzureNetworkAnalytics_CL" is "sentinel" / "AzureNetworkAnalytics_CL";
    "BehaviorAnalytics" is "sentinel" / "BehaviorAnalytics";
    "BehaviorEntities" is "defender" / "BehaviorEntities";
    "BehaviorInfo" is "defender" / "BehaviorInfo";
    "CiscoWSAEvent" is "sentinel" / "CiscoWSAEvent";
    "Cisco_Umbrella" is "sentinel" / "Cisco_Umbrella";
    "CloudAppEvents" is "defender" / "CloudAppEvents";
    "CloudAuditEvents" is "defender" / "CloudAuditEvents";
    "CloudProcessEvents" is "defender" / "CloudProcessEvents";
    "CloudStorageAggregatedEvents" is "defender" / "CloudStorageAggregatedEvents";
    "CommonSecurityLog" is "sentinel" / "CommonSecurityLog";
    "ConfigurationChange" is "sentinel" / "ConfigurationChange";
    "ContainerInventory" is "sentinel" / "ContainerInventory";
    "ContainerLogV2" is "sentinel" / "ContainerLogV2";
    "CopilotActivity" is "sentinel" / "CopilotActivity";
    "DataSecurityEvents" is "defender" / "DataSecurityEvents";
    "DeviceAlertEvents" is "defender" / "DeviceAlertEvents";
    "DeviceBaselineComplianceAssessment" is "defender" / "DeviceBaselineComplianceAssessment";
    "DeviceBaselineComplianceAssessmentKB" is "defender" / "DeviceBaselineComplianceAssessmentKB";
    "DeviceBaselineComplianceProfiles" is "defender" / "DeviceBaselineComplianceProfiles";
    "DeviceEvents" is "defender" / "DeviceEvents";
    "DeviceFileCertificateInfo" is "defender" / "DeviceFileCertificateInfo";
    "DeviceFileEvents" is "defender" / "DeviceFileEvents";
    "DeviceFromIP" is "defender" / "DeviceFromIP";
    "DeviceImageLoadEvents" is "defender" / "DeviceImageLoadEvents";
    "DeviceInfo" is "defender" / "DeviceInfo";
    "DeviceLogonEvents" is "defender" / "DeviceLogonEvents";
    "DeviceNetworkEvents" is "defender" / "DeviceNetworkEvents";
    "DeviceNetworkInfo" is "defender" / "DeviceNetworkInfo";
    "DeviceProcessEvents" is "defender" / "DeviceProcessEvents";
    "DeviceRegistryEvents" is "defender" / "DeviceRegistryEvents";
    "DeviceTvmBrowserExtensions" is "defender" / "DeviceTvmBrowserExtensions";
    "DeviceTvmBrowserExtensionsKB" is "defender" / "DeviceTvmBrowserExtensionsKB";
    "DeviceTvmCertificateInfo" is "defender" / "DeviceTvmCertificateInfo";
    "DeviceTvmHardwareFirmware" is "defender" / "DeviceTvmHardwareFirmware";
    "DeviceTvmInfoGathering" is "defender" / "DeviceTvmInfoGathering";
    "DeviceTvmInfoGatheringKB" is "defender" / "DeviceTvmInfoGatheringKB";
    "DeviceTvmSecureConfigurationAssessment" is "defender" / "DeviceTvmSecureConfigurationAssessment";
    "DeviceTvmSecureConfigurationAssessmentKB" is "defender" / "DeviceTvmSecureConfigurationAssessmentKB";
    "DeviceTvmSoftwareEvidenceBeta" is "defender" / "DeviceTvmSoftwareEvidenceBeta";
    "DeviceTvmSoftwareInventory" is "defender" / "DeviceTvmSoftwareInventory";
    "DeviceTvmSoftwareVulnerabilities" is "defender" / "DeviceTvmSoftwareVulnerabilities";
    "DeviceTvmSoftwareVulnerabilitiesKB" is "defender" / "DeviceTvmSoftwareVulnerabilitiesKB";
    "DisruptionAndResponseEvents" is "defender" / "DisruptionAndResponseEvents";
    "DnsAuditEvents" is "sentinel" / "DnsAuditEvents";
    "DnsEvents" is "sentinel" / "DnsEvents";
    "Dynamics365Activity" is "sentinel" / "Dynamics365Activity";
    "EmailAttachmentInfo" is "defender" / "EmailAttachmentInfo";
    "EmailEvents" is "defender" / "EmailEvents";
    "EmailPostDeliveryEvents" is "defender" / "EmailPostDeliveryEvents";
    "EmailUrlInfo" is "defender" / "EmailUrlInfo";
    "EntraIdSignInEvents" is "defender" / "EntraIdSignInEvents";
    "EntraIdSpnSignInEvents" is "defender" / "EntraIdSpnSignInEvents";
    "Event" is "sentinel" / "Event";
    "ExposureGraphEdges" is "defender" / "ExposureGraphEdges";
    "ExposureGraphNodes" is "defender" / "ExposureGraphNodes";
    "FileProfile" is "defender" / "FileProfile";
    "FunctionAppLogs" is "sentinel" / "FunctionAppLogs";
    "GCPAuditLogs" is "sentinel" / "GCPAuditLogs";
    "GCPCloudDNS" is "sentinel" / "GCPCloudDNS";
    "GCP_IAM" is "sentinel" / "GCP_IAM";
    "GraphAPIAuditEvents" is "defender" / "GraphAPIAuditEvents";
    "GraphApiAuditEvents" is "defender" / "GraphApiAuditEvents";
    "Heartbeat" is "sentinel" / "Heartbeat";
    "HuntingBookmark" is "sentinel" / "HuntingBookmark";
    "IdentityAccountInfo" is "defender" / "IdentityAccountInfo";
    "IdentityDirectoryEvents" is "defender" / "IdentityDirectoryEvents";
    "IdentityEvents" is "defender" / "IdentityEvents";
    "IdentityInfo" is "defender" / "IdentityInfo";
    "IdentityLogonEvents" is "defender" / "IdentityLogonEvents";
    "IdentityQueryEvents" is "defender" / "IdentityQueryEvents";
    "IntuneAuditLogs" is "sentinel" / "IntuneAuditLogs";
    "IntuneDeviceComplianceOrg" is "sentinel" / "IntuneDeviceComplianceOrg";
    "IntuneDevices" is "sentinel" / "IntuneDevices";
    "IntuneOperationalLogs" is "sentinel" / "IntuneOperationalLogs";
    "KubeEvents" is "sentinel" / "KubeEvents";
    "LAQueryLogs" is "sentinel" / "LAQueryLogs";
    "MessageEvents" is "defender" / "MessageEvents";
    "MessagePostDeliveryEvents" is "defender" / "MessagePostDeliveryEvents";
    "MessageUrlInfo" is "defender" / "MessageUrlInfo";
    "MicrosoftGraphActivityLogs" is "sentinel" / "MicrosoftGraphActivityLogs";
    "MicrosoftPurviewInformationProtection" is "sentinel" / "MicrosoftPurviewInformationProtection";
    "NTANetAnalytics" is "sentinel" / "NTANetAnalytics";
    "NetworkAccessTraffic" is "sentinel" / "NetworkAccessTraffic";
    "OAuthAppInfo" is "defender" / "OAuthAppInfo";
    "OfficeActivity" is "sentinel" / "OfficeActivity";
    "Operation" is "sentinel" / "Operation";
    "Perf" is "sentinel" / "Perf";
    "PowerPlatformAdminActivity" is "sentinel" / "PowerPlatformAdminActivity";
    "ProtectionStatus" is "sentinel" / "ProtectionStatus";
    "PurviewDataSensitivityLogs" is "sentinel" / "PurviewDataSensitivityLogs";
    "ResourceContainers" is "sentinel" / "ResourceContainers";
    "SecurityAlert" is "sentinel" / "SecurityAlert";
    "SecurityEvent" is "sentinel" / "SecurityEvent";
    "SecurityIncident" is "sentinel" / "SecurityIncident";
    "SecurityIoTRawEvent" is "sentinel" / "SecurityIoTRawEvent";
    "SecurityNestedRecommendation" is "sentinel" / "SecurityNestedRecommendation";
    "SecurityRecommendation" is "sentinel" / "SecurityRecommendation";
    "SecurityRegulatoryCompliance" is "sentinel" / "SecurityRegulatoryCompliance";
    "SeenBy" is "defender" / "SeenBy";
    "SentinelAudit" is "sentinel" / "SentinelAudit";
    "SentinelHealth" is "sentinel" / "SentinelHealth";
    "SigninLogs" is "sentinel" / "SigninLogs";
    "SqlVulnerabilityAssessmentResult" is "sentinel" / "SqlVulnerabilityAssessmentResult";
    "StorageBlobLogs" is "sentinel" / "StorageBlobLogs";
    "StorageFileLogs" is "sentinel" / "StorageFileLogs";
    "StorageQueueLogs" is "sentinel" / "StorageQueueLogs";
    "StorageTableLogs" is "sentinel" / "StorageTableLogs";
    "Syslog" is "sentinel" / "Syslog";
    "ThreatIntelIndicators" is "sentinel" / "ThreatIntelIndicators";
    "ThreatIntelObjects" is "sentinel" / "ThreatIntelObjects";
    "ThreatIntelligenceIndicator" is "sentinel" / "ThreatIntelligenceIndicator";
    "Update" is "sentinel" / "Update";
    "UrlClickEvents" is "defender" / "UrlClickEvents";
    "Usage" is "sentinel" / "Usage";
    "UserAccessAnalytics" is "sentinel" / "UserAccessAnalytics";
    "UserPeerAnalytics" is "sentinel" / "UserPeerAnalytics";
    "VMComputer" is "sentinel" / "VMComputer";
    "VMConnection" is "sentinel" / "VMConnection";
    "VMProcess" is "sentinel" / "VMProcess";
    "W3CIISLog" is "sentinel" / "W3CIISLog";
    "Watchlist" is "sentinel" / "Watchlist";
    "WindowsEvent" is "sentinel" / "WindowsEvent";
    "WindowsFirewall" is "sentinel" / "WindowsFirewall";
    "WireData" is "sentinel" / "WireData";
    "_ASim_Authentication" is "asim" / "_Im_Authentication";
    "_ASim_Dns" is "asim" / "_Im_Dns";
    "_ASim_FileEvent" is "asim" / "_Im_FileEvent";
    "_ASim_NetworkSession" is "asim" / "_Im_NetworkSession";
    "_ASim_ProcessCreate" is "asim" / "_Im_ProcessCreate";
    "_ASim_ProcessEvent" is "asim" / "_Im_ProcessCreate";
    "_ASim_ProcessEvent_Create" is "asim" / "_Im_ProcessCreate";
    "_ASim_RegistryEvent" is "asim" / "_Im_RegistryEvent";
    "_ASim_WebSession" is "asim" / "_Im_WebSession";
    "_Im_Authentication" is "asim" / "_Im_Authentication";
    "_Im_Dns" is "asim" / "_Im_Dns";
    "_Im_FileEvent" is "asim" / "_Im_FileEvent";
    "_Im_NetworkSession" is "asim" / "_Im_NetworkSession";
    "_Im_ProcessCreate" is "asim" / "_Im_ProcessCreate";
    "_Im_ProcessEvent" is "asim" / "_Im_ProcessCreate";
    "_Im_RegistryEvent" is "asim" / "_Im_RegistryEvent";
    "_Im_WebSession" is "asim" / "_Im_WebSession";
    "_SentinelAudit" is "sentinel" / "SentinelAudit";
    "_SentinelHealth" is "sentinel" / "SentinelHealth";
    "imAuthentication" is "asim" / "_Im_Authentication";
    "imDns" is "asim" / "_Im_Dns";
    "imFileEvent" is "asim" / "_Im_FileEvent";
    "imNetworkSession" is "asim" / "_Im_NetworkSession";
    "imProcess" is "asim" / "_Im_ProcessCreate";
    "imProcessCreate" is "asim" / "_Im_ProcessCreate";
    "imProcessEvent" is "asim" / "_Im_ProcessCreate";
    "imRegistry" is "asim" / "_Im_RegistryEvent";
    "imRegistryEvent" is "asim" / "_Im_RegistryEvent";
    "imWebSession" is "asim" / "_Im_WebSession";
}
