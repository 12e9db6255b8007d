-- The published query for T1583.007 over Defender's network events.
SELECT
    Timestamp, DeviceName, InitiatingProcessAccountName, InitiatingProcessFileName,
    InitiatingProcessCommandLine, InitiatingProcessParentFileName, RemoteUrl, RemoteIP, RemotePort,
    CASE
        WHEN regexp_matches(RemoteUrl, 'workers\.dev|pages\.dev', 'i') THEN 'Cloudflare Workers'
        WHEN regexp_matches(RemoteUrl, 'cloudfunctions\.net', 'i') THEN 'Google Cloud Functions'
        WHEN regexp_matches(RemoteUrl, 'lambda-url|execute-api', 'i') THEN 'AWS Lambda/API Gateway'
        WHEN regexp_matches(RemoteUrl, 'azurewebsites\.net|azurecontainerapps\.io', 'i')
            THEN 'Azure Functions'
        WHEN regexp_matches(RemoteUrl, 'netlify\.app', 'i') THEN 'Netlify Functions'
        WHEN regexp_matches(RemoteUrl, 'vercel\.app', 'i') THEN 'Vercel Serverless'
        WHEN regexp_matches(RemoteUrl, 'script\.google\.com', 'i') THEN 'Google Apps Script'
        ELSE 'Other Serverless'
    END,
    lower(InitiatingProcessFileName) IN (
        'powershell.exe', 'pwsh.exe', 'cmd.exe', 'wscript.exe', 'cscript.exe', 'mshta.exe',
        'rundll32.exe', 'regsvr32.exe', 'msbuild.exe', 'python.exe', 'python3.exe', 'node.exe',
        'curl.exe', 'wget.exe', 'wmic.exe', 'bitsadmin.exe')
FROM {TABLE}
WHERE {SINCE}
    AND regexp_matches(RemoteUrl, '{NAMES}', 'i')
    AND lower(InitiatingProcessFileName) NOT IN (
        'chrome.exe', 'firefox.exe', 'msedge.exe', 'iexplore.exe', 'opera.exe', 'brave.exe',
        'vivaldi.exe')
ORDER BY Timestamp DESC
