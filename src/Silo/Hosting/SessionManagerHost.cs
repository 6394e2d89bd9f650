using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using SessionManager.Broadcasts;
using SessionManager.Configuration;
using SessionManager.MediaMtx;
using SessionManager.Nodes;
using SessionManager.Randomness;
using SessionManager.Secrets;
using SessionManager.Signing;
using SessionManager.Storage;
using SessionManager.Storage.Sqlite;
using SessionManager.Telemetry;

namespace SessionManager.Hosting;

/// <summary>
/// The one-process form: front end, grains and storage together. The front end gives its services and its pipeline; all
/// else is here.
/// </summary>
public static partial class SessionManagerHost
{
    /// <summary>Runs until told to stop. What keeps it from starting goes to stderr, a line each, and makes the exit code 1.</summary>
    public static async Task<int> Run(string[] args, Action<WebApplicationBuilder, Settings> services, Action<WebApplication> pipeline)
    {
        try
        {
            await using var app = Build(args, services, pipeline);
            await Start(app);
            await app.WaitForShutdownAsync();
            return 0;
        }
        catch (Exception exception)
        {
            foreach (var line in StartupFailure.Explain(exception))
                await Console.Error.WriteLineAsync(line);
            return 1;
        }
    }

    /// <param name="services">Adds the front end's services; what is wrong with its settings it reports to the settings it is given.</param>
    /// <exception cref="StartupException">The configuration or the data folder is at fault.</exception>
    public static WebApplication Build(string[] args, Action<WebApplicationBuilder, Settings> services, Action<WebApplication> pipeline)
    {
        // Settings are read once. Watching their files would watch the folder they are in, where the data may be as well: every
        // write to the database would be an event.
        var builder = WebApplication.CreateBuilder(["--hostBuilder:reloadConfigOnChange=false", .. args]);
        AddDefaults(builder.Configuration);
        var settings = new Settings(builder.Configuration);
        var host = HostSettings.Read(settings, builder.Services);
        Listen(builder, settings);
        AddHost(builder, host);
        builder.Services.AddSingleton<ISecretProtector>(_ =>
            new SecretProtector(MasterKey.Load(settings, host.Folder, new SystemRandomSource()), new SystemRandomSource()));
        services(builder, settings);

        var app = builder.Build();
        try
        {
            // Nothing is touched while anything is wrong.
            settings.ThrowIfWrong(app.Services);
            // The first that is made is let go of last, when everything that writes to it has stopped.
            app.Services.GetRequiredService<DataFolder>().Open(exclusive: host.Storage.Provider == StorageProvider.SQLite);
            app.Services.GetRequiredService<ISecretProtector>();
            foreach (var name in settings.Unknown())
                LogUnknown(app.Logger, name);
            pipeline(app);
            return app;
        }
        catch
        {
            ((IDisposable)app).Dispose();
            throw;
        }
    }

    static async Task Start(WebApplication app)
    {
        try
        {
            await app.StartAsync();
        }
        catch
        {
            // What has started already stops in order, and not as if the process had died.
            // What fails in that says less than what came first.
            await app.StopAsync().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }
    }

    static void Listen(WebApplicationBuilder builder, Settings settings)
    {
        var port = settings.Text("PORT") ?? "5080";
        if (!ushort.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out _))
            settings.Report($"PORT is '{port}'; it must be a whole number from 0 to 65535.");
        else if (settings.Text(WebHostDefaults.ServerUrlsKey) is null)
            builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
    }

    /// <summary>In this order they start, and stop in the reverse: storage is there before the first grain and after the last.</summary>
    static void AddHost(WebApplicationBuilder builder, HostSettings host)
    {
        builder.Services
            // By a factory, or the container would leave it open.
            .AddSingleton(_ => host.Folder)
            .AddSingleton(TimeProvider.System)
            .AddSingleton<IRandomSource, SystemRandomSource>()
            .AddSingleton<NodeCatalog>()
            .AddSingleton<IMediaServer, MediaMtxServer>();
        builder.Services.AddStorage(host);
        builder.Services.AddTelemetry(builder.Configuration, host.Telemetry, host.Cluster.Role);
        builder.AddOrleans(host);
        builder.Services.AddHostedService<GrainStartup>();
    }

    static void AddStorage(this IServiceCollection services, HostSettings host)
    {
        if (host.Storage.Provider == StorageProvider.PostgreSQL)
            services
                .AddSingleton(_ => NpgsqlDataSource.Create(host.Storage.ConnectionString!))
                .AddStorage(host.Storage.ConnectionString!);
        else
            services.AddStorage(_ => new SqliteFile(host.Folder.DatabaseFile("sessions.db")));
    }

    /// <summary>What anything else (a file, the environment, the command line) overrules.</summary>
    static void AddDefaults(ConfigurationManager configuration) =>
        ((IConfigurationBuilder)configuration).Sources.Insert(0, new MemoryConfigurationSource
        {
            InitialData = new Dictionary<string, string?>
            {
                ["Logging:LogLevel:Default"] = "Warning",
                ["Logging:LogLevel:SessionManager"] = "Information",
                // It warns of a reminder that comes more often than once a minute. The sweep has to, and there is one in the cluster.
                ["Logging:LogLevel:Orleans.Hosting.ReminderOptionsValidator"] = "Error",
                // At each start it advises server garbage collection, which is no faster here and takes more memory (docs/performance.md).
                ["Logging:LogLevel:Orleans.Runtime.Silo"] = "Error",
                // Its first check compares with the time the machine started.
                ["Logging:LogLevel:Orleans.Runtime.Watchdog"] = "Error",
                // The framework makes these keys unasked; nothing here is protected with them.
                ["Logging:LogLevel:Microsoft.AspNetCore.DataProtection"] = "Error",
                // A failed start is told in one line by us, not in a stack trace by them.
                ["Logging:LogLevel:Microsoft.Extensions.Hosting.Internal.Host"] = "None",
                ["Logging:LogLevel:Microsoft.AspNetCore.Server.Kestrel"] = "None",
                ["Logging:LogLevel:Microsoft.AspNetCore.Server.Kestrel."] = "Warning",
            },
        });

    [LoggerMessage(901, LogLevel.Warning, "The setting {Name} is not known and changes nothing.")]
    static partial void LogUnknown(ILogger logger, string name);
}
