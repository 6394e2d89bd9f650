using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Dashboard;
using Orleans.Hosting;
using Orleans.Runtime;
using SessionManager.Storage;

namespace SessionManager.Hosting;

/// <summary>The engine this build was made for: a silo in this very process, or the way to those of a cluster.</summary>
static class EngineHost
{
    public const string Name = "Orleans";
    public static bool Clusters => true;

    /// <summary>Part of every stored grain's identity: another name would find none of them.</summary>
    public const string ServiceId = "session-manager";

    public static void AddEngine(this WebApplicationBuilder builder, HostSettings host)
    {
        builder.Services
            .AddSingleton(provider => new OrleansDatabase(provider, host))
            .AddHostedService(provider => provider.GetRequiredService<OrleansDatabase>());
        if (host.Cluster.Role == ClusterRole.Client)
        {
            builder.UseOrleansClient(client => client.JoinCluster(host.Cluster));
            return;
        }

        if (host.Cluster.Role == ClusterRole.Silo)
            builder.Services.AddHostedService<LostSilos>();
        builder.UseOrleans(silo =>
        {
            if (host.Cluster.Role == ClusterRole.Silo)
                silo.JoinCluster(host.Cluster);
            else
                // Nobody else joins, so the ports may be any that are free, and several of these may run on one machine.
                silo.UseLocalhostClustering(FreePort(), FreePort(), serviceId: ServiceId, clusterId: ServiceId);
            AddStorage(silo);
            // A sweep is late by no more than its own period.
            silo.Services.Configure<ReminderOptions>(reminders =>
                reminders.MinimumReminderPeriod = TimeSpan.FromSeconds(host.Sessions.SweepSeconds));
        });
    }

    /// <summary>The engine's own view of a cluster, where this process is a front end of one. Who may see it is the caller's to say.</summary>
    public static IEndpointConventionBuilder? MapDashboard(WebApplication app, string path)
    {
        if (app.Services.GetRequiredService<IOptions<ClusterOptions>>().Value.Role != ClusterRole.Client)
            return null;
        var dashboard = app.MapOrleansDashboard(path);
        // It shows any grain's state as it is stored, password hashes among it.
        dashboard.MapGet("/GrainState", () => TypedResults.NotFound()).WithOrder(-1);
        return dashboard;
    }

    /// <summary>What the engine has to say about a failed start; null where it is not the engine's.</summary>
    public static string? Explain(Exception exception) => (exception as OrleansConfigurationException)?.Message;

    static void AddStorage(ISiloBuilder silo)
    {
        silo.AddAdoNetGrainStorageAsDefault(storage => storage.Configure<OrleansDatabase>((options, database) =>
        {
            (options.Invariant, options.DataSource) = (database.Invariant, database.Source);
            options.DeleteStateOnClear = true;
            options.GrainStorageSerializer = new GrainStateSerializer();
        }));
        silo.UseAdoNetReminderService(reminders => reminders.Configure<OrleansDatabase>((options, database) =>
            (options.Invariant, options.DataSource) = (database.Invariant, database.Source)));
    }

    static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
