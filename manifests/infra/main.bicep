// CoS Desk in Azure: Container Apps (web and workers), PostgreSQL Flexible Server, Key Vault, a managed identity, logs,
// and the Azure Bot (single tenant). docs/install.md says what to do before and after.
//
//   az deployment group create -g cos-desk -f manifests/infra/main.bicep -p @manifests/infra/main.parameters.json

@description('Short name: it begins every resource\'s name. Small letters, digits and hyphens; a letter first.')
@minLength(3)
@maxLength(12)
param name string = 'cosdesk'

param location string = resourceGroup().location

@description('The image, for example registry.example/cos-desk:0.1.')
param image string

@description('The application id of the bot\'s app registration (single tenant).')
param botAppId string

@secure()
@description('Its client secret.')
param botAppPassword string

@secure()
@description('Fernet keys for pupils\' data, newest first, separated by commas.')
param pupilKeys string

@secure()
@description('Password of the database\'s administrator.')
param databasePassword string

@description('The SharePoint site, as HOST:/sites/NAME.')
param site string

@description('The desk\'s mailbox.')
param mailbox string

@description('Web processes and workers; docs/scaling.md says how many.')
param webReplicas int = 2
param workerReplicas int = 2

var databaseUser = 'cosdesk'
// A Key Vault's name has 24 characters at most and no two hyphens together; uniqueString gives 13.
var vaultPrefix = take(replace(name, '-', ''), 10)
var tags = { application: 'cos-desk' }
var secretsUser = subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '4633458b-17de-408a-b874-0445c86b69e6') // Key Vault Secrets User

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: '${name}-identity'
  location: location
  tags: tags
}

resource logs 'Microsoft.OperationalInsights/workspaces@2023-09-01' = {
  name: '${name}-logs'
  location: location
  tags: tags
  properties: { sku: { name: 'PerGB2018' }, retentionInDays: 30 }
}

resource vault 'Microsoft.KeyVault/vaults@2023-07-01' = {
  name: '${vaultPrefix}-${uniqueString(resourceGroup().id)}'
  location: location
  tags: tags
  properties: {
    tenantId: tenant().tenantId
    sku: { family: 'A', name: 'standard' }
    enableRbacAuthorization: true
    enablePurgeProtection: true
    softDeleteRetentionInDays: 90
  }
}

resource keysSecret 'Microsoft.KeyVault/vaults/secrets@2023-07-01' = {
  parent: vault
  name: 'pupil-keys'
  properties: { value: pupilKeys }
}

resource botSecret 'Microsoft.KeyVault/vaults/secrets@2023-07-01' = {
  parent: vault
  name: 'bot-app-password'
  properties: { value: botAppPassword }
}

resource databaseSecret 'Microsoft.KeyVault/vaults/secrets@2023-07-01' = {
  parent: vault
  name: 'database-url'
  properties: {
    value: 'postgresql://${databaseUser}:${uriComponent(databasePassword)}@${database.properties.fullyQualifiedDomainName}:5432/cosdesk?sslmode=require'
  }
}

resource mayReadSecrets 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: vault
  name: guid(vault.id, identity.id, secretsUser)
  properties: {
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: secretsUser
  }
}

resource network 'Microsoft.Network/virtualNetworks@2024-01-01' = {
  name: '${name}-network'
  location: location
  tags: tags
  properties: {
    addressSpace: { addressPrefixes: ['10.20.0.0/16'] }
    subnets: [
      {
        name: 'apps'
        properties: {
          addressPrefix: '10.20.0.0/23'
          delegations: [{ name: 'apps', properties: { serviceName: 'Microsoft.App/environments' } }]
        }
      }
      {
        name: 'database'
        properties: {
          addressPrefix: '10.20.4.0/28'
          delegations: [{ name: 'database', properties: { serviceName: 'Microsoft.DBforPostgreSQL/flexibleServers' } }]
        }
      }
    ]
  }
}

resource zone 'Microsoft.Network/privateDnsZones@2020-06-01' = {
  name: '${name}.private.postgres.database.azure.com'
  location: 'global'
  tags: tags
  resource link 'virtualNetworkLinks' = {
    name: 'network'
    location: 'global'
    properties: { registrationEnabled: false, virtualNetwork: { id: network.id } }
  }
}

resource database 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {
  name: '${name}-${uniqueString(resourceGroup().id)}'
  location: location
  tags: tags
  sku: { name: 'Standard_B2s', tier: 'Burstable' }
  properties: {
    version: '16'
    administratorLogin: databaseUser
    administratorLoginPassword: databasePassword
    storage: { storageSizeGB: 64, autoGrow: 'Enabled' }
    backup: { backupRetentionDays: 14, geoRedundantBackup: 'Disabled' }
    highAvailability: { mode: 'Disabled' }
    network: { delegatedSubnetResourceId: '${network.id}/subnets/database', privateDnsZoneArmResourceId: zone.id }
  }
  dependsOn: [zone::link]
  resource own 'databases' = {
    name: 'cosdesk'
    properties: { charset: 'UTF8' }
  }
}

resource environment 'Microsoft.App/managedEnvironments@2024-03-01' = {
  name: '${name}-apps'
  location: location
  tags: tags
  properties: {
    vnetConfiguration: { infrastructureSubnetId: '${network.id}/subnets/apps' }
    workloadProfiles: [{ name: 'Consumption', workloadProfileType: 'Consumption' }]
    appLogsConfiguration: {
      destination: 'log-analytics'
      logAnalyticsConfiguration: { customerId: logs.properties.customerId, sharedKey: logs.listKeys().primarySharedKey }
    }
  }
}

var secrets = [
  { name: 'pupil-keys', keyVaultUrl: keysSecret.properties.secretUri, identity: identity.id }
  { name: 'bot-app-password', keyVaultUrl: botSecret.properties.secretUri, identity: identity.id }
  { name: 'database-url', keyVaultUrl: databaseSecret.properties.secretUri, identity: identity.id }
]
var publicUrl = 'https://${name}-web.${environment.properties.defaultDomain}'
var settings = [
  { name: 'COS_TENANT_ID', value: tenant().tenantId }
  { name: 'COS_CLIENT_ID', value: identity.properties.clientId }
  { name: 'COS_MANAGED_IDENTITY', value: 'true' }
  { name: 'COS_BOT_APP_ID', value: botAppId }
  { name: 'COS_BOT_APP_PASSWORD', secretRef: 'bot-app-password' }
  { name: 'COS_PUPIL_KEYS', secretRef: 'pupil-keys' }
  { name: 'COS_DATABASE_URL', secretRef: 'database-url' }
  { name: 'COS_SITE', value: site }
  { name: 'COS_MAILBOX', value: mailbox }
  { name: 'COS_PUBLIC_URL', value: publicUrl }
  { name: 'COS_PROXIES', value: '1' }
]
var probes = [
  { type: 'Startup', httpGet: { path: '/healthz', port: 3978 }, periodSeconds: 3, failureThreshold: 40 }
  { type: 'Liveness', httpGet: { path: '/healthz', port: 3978 }, periodSeconds: 10, failureThreshold: 6 }
  { type: 'Readiness', httpGet: { path: '/readyz', port: 3978 }, periodSeconds: 10, failureThreshold: 3 }
]

resource web 'Microsoft.App/containerApps@2024-03-01' = {
  name: '${name}-web'
  location: location
  tags: tags
  identity: { type: 'UserAssigned', userAssignedIdentities: { '${identity.id}': {} } }
  dependsOn: [mayReadSecrets, database::own]
  properties: {
    managedEnvironmentId: environment.id
    configuration: {
      secrets: secrets
      ingress: { external: true, targetPort: 3978, transport: 'http', allowInsecure: false }
    }
    template: {
      containers: [
        {
          name: 'web'
          image: image
          args: ['serve', '--web-only']
          env: settings
          probes: probes
          resources: { cpu: json('0.5'), memory: '1Gi' }
        }
      ]
      scale: { minReplicas: webReplicas, maxReplicas: webReplicas }
    }
  }
}

resource worker 'Microsoft.App/containerApps@2024-03-01' = {
  name: '${name}-worker'
  location: location
  tags: tags
  identity: { type: 'UserAssigned', userAssignedIdentities: { '${identity.id}': {} } }
  dependsOn: [mayReadSecrets, database::own]
  properties: {
    managedEnvironmentId: environment.id
    configuration: { secrets: secrets }
    template: {
      terminationGracePeriodSeconds: 30
      containers: [
        {
          name: 'worker'
          image: image
          args: ['worker']
          env: settings
          probes: probes
          resources: { cpu: json('1.0'), memory: '2Gi' }
        }
      ]
      scale: { minReplicas: workerReplicas, maxReplicas: workerReplicas }
    }
  }
}

resource bot 'Microsoft.BotService/botServices@2022-09-15' = {
  name: '${name}-bot'
  location: 'global'
  tags: tags
  kind: 'azurebot'
  sku: { name: 'S1' }
  properties: {
    displayName: 'CoS Desk'
    endpoint: '${publicUrl}/api/messages'
    msaAppId: botAppId
    msaAppType: 'SingleTenant'
    msaAppTenantId: tenant().tenantId
    disableLocalAuth: false
  }
  resource teams 'channels' = {
    name: 'MsTeamsChannel'
    location: 'global'
    properties: { channelName: 'MsTeamsChannel', properties: { isEnabled: true } }
  }
}

output address string = publicUrl
output identityObjectId string = identity.properties.principalId
output identityClientId string = identity.properties.clientId
output vaultName string = vault.name
