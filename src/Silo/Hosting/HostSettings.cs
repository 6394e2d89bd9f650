using System.Globalization;
using System.Net;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using SessionManager.Keys;
using SessionManager.Options;

namespace SessionManager.Hosting;

/// <summary>What the host itself must know before it can build anything.</summary>
public sealed record HostSettings(StorageOptions Storage, ClusterOptions Cluster, DemoOptions Demo, SessionOptions Sessions, DataFolder Folder)
{
    public const int DefaultPort = 5080;

    /// <exception cref="StartupException">Everything that is wrong with the configuration, or the data folder cannot be used.</exception>
    internal static HostSettings Read(IConfiguration configuration, IServiceCollection services)
    {
        var settings = new Settings(configuration);
        var storage = settings.Add<StorageOptions>(services, StorageOptions.Section);
        var cluster = settings.Add<ClusterOptions>(services, ClusterOptions.Section);
        var sessions = settings.Add<SessionOptions>(services, SessionOptions.Section);
        var demo = settings.Add<DemoOptions>(services, DemoOptions.Section);
        settings.Add<NodeOptions>(services, NodeOptions.Section);
        settings.Add<AccountOptions>(services, AccountOptions.Section);
        settings.Add<KeyOptions>(services, KeyOptions.Section);
        settings.Add<LoginOptions>(services, LoginOptions.Section);
        settings.Add<SigningOptions>(services, SigningOptions.Section);
        settings.Add<LoginOptions>(services, LoginOptions.Section);
        var keys = settings.Add<KeyOptions>(services, KeyOptions.Section);

        if (sessions.IdleSeconds < sessions.TokenSeconds)
            settings.Report(string.Create(CultureInfo.InvariantCulture,
                $"Sessions__IdleSeconds ({sessions.IdleSeconds}) must not be shorter than Sessions__TokenSeconds ({sessions.TokenSeconds})."));
        if (storage.Provider == StorageProvider.PostgreSQL && string.IsNullOrWhiteSpace(storage.ConnectionString))
            settings.Report("Storage__Provider is PostgreSQL; Storage__ConnectionString must say where the database is.");
        CheckCluster(settings, cluster, storage, configuration);
        if (!KeyFormat.IsPrefix(keys.Prefix))
            settings.Report($"Keys__Prefix is '{keys.Prefix}'; it must be 1 to 15 lowercase letters and digits and an underscore.");
        if (configuration["PORT"] is { Length: > 0 } port && !ushort.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out _))
            settings.Report($"PORT is '{port}'; it must be a whole number from 0 to 65535.");
        if (settings.Problems.Count > 0)
            throw new StartupException(settings.Problems);

        var path = configuration["DATA_DIR"] is { Length: > 0 } given ? given : "data";
        return new(storage, cluster, demo, sessions, DataFolder.Open(path, EngineHost.Name, exclusive: storage.Provider == StorageProvider.SQLite));
    }

    static void CheckCluster(Settings settings, ClusterOptions cluster, StorageOptions storage, IConfiguration configuration)
    {
        if (cluster.Address is { } address && !IPAddress.TryParse(address, out _))
            settings.Report($"Cluster__Address is '{address}'; it must be an IP address.");
        if (cluster.Role == ClusterRole.None)
            return;
        if (!EngineHost.Clusters)
            settings.Report($"Cluster__Role is {cluster.Role}; engine {EngineHost.Name} runs in one process only. Build with Engine=Orleans.");
        if (storage.Provider != StorageProvider.PostgreSQL)
            settings.Report($"Cluster__Role is {cluster.Role}; Storage__Provider must be PostgreSQL.");
        if (cluster.Role == ClusterRole.Silo && configuration["Signing:MasterKey"] is not { Length: > 0 })
            settings.Report("Cluster__Role is Silo; Signing__MasterKey must be given, the same to every silo: none could read another's.");
    }
}
