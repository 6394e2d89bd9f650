using System.Globalization;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using SessionManager.Accounts;
using SessionManager.Clustering;
using SessionManager.Configuration;
using SessionManager.Keys;
using SessionManager.MediaMtx;
using SessionManager.Nodes;
using SessionManager.Secrets;
using SessionManager.Sessions;
using SessionManager.Signing;
using SessionManager.Storage;
using SessionManager.Storage.Postgres;
using SessionManager.Telemetry;
using SessionManager.Users;

namespace SessionManager.Hosting;

/// <summary>What the host itself must know before it can build anything.</summary>
public sealed record HostSettings(
    StorageOptions Storage, ClusterOptions Cluster, SessionOptions Sessions, TelemetryOptions Telemetry,
    OrleansDashboardOptions Dashboard, DataFolder Folder)
{
    /// <summary>What is wrong is in <paramref name="settings"/> afterwards.</summary>
    internal static HostSettings Read(Settings settings, IServiceCollection services)
    {
        var storage = settings.Add<StorageOptions>(services, StorageOptions.Section);
        var cluster = settings.Add<ClusterOptions>(services, ClusterOptions.Section);
        var sessions = settings.Add<SessionOptions>(services, SessionOptions.Section, IdleOutlastsToken);
        var telemetry = settings.Add<TelemetryOptions>(services, TelemetryOptions.Section);
        var dashboard = settings.Add<OrleansDashboardOptions>(services, OrleansDashboardOptions.Section);
        settings.Add<NodeOptions>(services, NodeOptions.Section);
        settings.Add<AccountOptions>(services, AccountOptions.Section);
        settings.Add<SigningOptions>(services, SigningOptions.Section);
        settings.Add<LoginOptions>(services, LoginOptions.Section);
        settings.Add<KeyOptions>(services, KeyOptions.Section, PrefixIsOne);
        settings.Add<MediaMtxOptions>(services, MediaMtxOptions.Section, MediaMtxServer.WhyNoAddress);

        if (storage.Provider == StorageProvider.PostgreSQL)
            CheckConnection(settings, storage);
        CheckCluster(settings, cluster, storage);
        return new(storage, cluster, sessions, telemetry, dashboard, new DataFolder(settings.Text("DATA_DIR") ?? "data"));
    }

    static string? IdleOutlastsToken(SessionOptions sessions) => sessions.IdleSeconds < sessions.TokenSeconds
        ? string.Create(CultureInfo.InvariantCulture,
            $"Sessions__IdleSeconds ({sessions.IdleSeconds}) must not be shorter than Sessions__TokenSeconds ({sessions.TokenSeconds}).")
        : null;

    static string? PrefixIsOne(KeyOptions keys) => KeyFormat.IsPrefix(keys.Prefix)
        ? null
        : $"Keys__Prefix is '{keys.Prefix}'; it must be 1 to 15 lowercase letters and digits and an underscore.";

    static void CheckConnection(Settings settings, StorageOptions storage)
    {
        if (string.IsNullOrWhiteSpace(storage.ConnectionString))
        {
            settings.Report("Storage__Provider is PostgreSQL; Storage__ConnectionString must say where the database is.");
            return;
        }

        try
        {
            storage.ConnectionString = PostgresConnection.WithDefaults(storage.ConnectionString);
        }
        catch (ArgumentException exception)
        {
            settings.Report($"Storage__ConnectionString is no connection string: {exception.Message}");
        }
    }

    static void CheckCluster(Settings settings, ClusterOptions cluster, StorageOptions storage)
    {
        if (cluster.Address is { } address && !IPAddress.TryParse(address, out _))
            settings.Report($"Cluster__Address is '{address}'; it must be an IP address.");
        if (cluster.Role == ClusterRole.None)
            return;
        if (storage.Provider != StorageProvider.PostgreSQL)
            settings.Report($"Cluster__Role is {cluster.Role}; Storage__Provider must be PostgreSQL.");
        if (cluster.Role == ClusterRole.Silo && settings.Text(MasterKey.Setting) is null)
            settings.Report("Cluster__Role is Silo; Signing__MasterKey must be given, the same to every silo: none could read another's.");
    }
}
