# Gives the managed identity of CoS Desk its permissions in Microsoft Graph. A managed identity has no page for that.
#
#   ./grant-permissions.ps1 -IdentityObjectId OBJECT-ID     (the template's output `identityObjectId`)
#
# Whoever runs it is a Privileged Role Administrator. What is there already is left as it is. The permissions for mail and
# calendar are not here: they are given in Exchange, for the desk's mailbox alone (manifests/permissions.md). Azure keeps a
# managed identity's token for up to 24 hours: what was given since counts after that, and `cos doctor` says so.
param([Parameter(Mandatory)][string] $IdentityObjectId)
$ErrorActionPreference = "Stop"

$permissions = @(
  "Sites.Selected"
  "User.ReadBasic.All"
  "OnlineMeetings.Read.All"
  "OnlineMeetingArtifact.Read.All"
)

Connect-MgGraph -Scopes Application.Read.All, AppRoleAssignment.ReadWrite.All -NoWelcome
$graph = Get-MgServicePrincipal -Filter "appId eq '00000003-0000-0000-c000-000000000000'"
$held = (Get-MgServicePrincipalAppRoleAssignment -ServicePrincipalId $IdentityObjectId -All).AppRoleId

foreach ($permission in $permissions) {
  $role = $graph.AppRoles | Where-Object { $_.Value -eq $permission -and $_.AllowedMemberTypes -contains "Application" }
  if ($held -contains $role.Id) { Write-Output "${permission}: there already"; continue }
  New-MgServicePrincipalAppRoleAssignment -ServicePrincipalId $IdentityObjectId -PrincipalId $IdentityObjectId `
    -ResourceId $graph.Id -AppRoleId $role.Id | Out-Null
  Write-Output "${permission}: given"
}
