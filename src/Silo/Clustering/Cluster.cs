using System.Data.Common;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Serialization;
using SessionManager.Hosting;
using SessionManager.Providers;

namespace SessionManager.Clustering;

/// <summary>Silos and front ends as separate processes that find one another through the database.</summary>
static class Cluster
{
    /// <summary>
    /// Three probes missed make a suspicion, and a second silo's agreement a death: what a killed silo held is answered for by
    /// others after about ten seconds. A paused one is believed for as long as its last message counts, three times
    /// <see cref="MaxProbeTimeout"/>.
    /// </summary>
    static readonly TimeSpan ProbeTimeout = TimeSpan.FromSeconds(2);
    static readonly TimeSpan MaxProbeTimeout = TimeSpan.FromSeconds(3);

    /// <summary>How often a silo signs that it lives; <see cref="LostSilos"/> is for those that signed no more.</summary>
    public static readonly TimeSpan AlivePeriod = TimeSpan.FromSeconds(5);

    /// <summary>How long a silo that was given up while it was paused may go on before it reads that it is dead, and ends.</summary>
    static readonly TimeSpan TableRefresh = TimeSpan.FromSeconds(5);

    /// <summary>How late a front end learns which silos have come and gone.</summary>
    static readonly TimeSpan GatewayRefresh = TimeSpan.FromSeconds(2);

    /// <summary>
    /// A front end's call that reached a silo in its last moment is answered by nobody, and made again after this long. About a third
    /// of <see cref="RepeatLostCalls"/>'s patience: the call after the silo has been given up must still be made in time.
    /// </summary>
    static readonly TimeSpan ClientTimeout = TimeSpan.FromSeconds(5);

    /// <summary>The same between silos, where a caller learns at once that the silo it asked has been given up, if it asked it directly.</summary>
    static readonly TimeSpan SiloTimeout = TimeSpan.FromSeconds(10);
    static readonly TimeSpan ConnectPause = TimeSpan.FromSeconds(1);

    public static void JoinCluster(this ISiloBuilder silo, ClusterOptions cluster)
    {
        SendFailures(silo.Services);
        silo.Configure<Orleans.Configuration.ClusterOptions>(options => Name(options, cluster))
            .Configure<SiloMessagingOptions>(messaging => messaging.ResponseTimeout = SiloTimeout)
            .Configure<ClusterMembershipOptions>(membership =>
            {
                membership.ProbeTimeout = ProbeTimeout;
                membership.MaxProbeTimeout = MaxProbeTimeout;
                membership.IAmAliveTablePublishTimeout = AlivePeriod;
                membership.TableRefreshTimeout = TableRefresh;
            })
            .UseAdoNetClustering(clustering => clustering.Configure<OrleansDatabase>((options, database) =>
                (options.Invariant, options.DataSource) = (database.Invariant, database.Source)))
            .AddActivityPropagation()
            .AddOutgoingGrainCallFilter<RepeatLostCalls>();
        if (IPAddress.TryParse(cluster.Address, out var address))
            silo.ConfigureEndpoints(address, cluster.SiloPort, cluster.GatewayPort);
        else
            silo.ConfigureEndpoints(cluster.SiloPort, cluster.GatewayPort, listenOnAnyHostAddress: true);
    }

    public static void JoinCluster(this IClientBuilder client, ClusterOptions cluster)
    {
        SendFailures(client.Services);
        client.Configure<Orleans.Configuration.ClusterOptions>(options => Name(options, cluster))
            .Configure<GatewayOptions>(gateways => gateways.GatewayListRefreshPeriod = GatewayRefresh)
            .Configure<ClientMessagingOptions>(messaging => messaging.ResponseTimeout = ClientTimeout)
            .UseAdoNetClustering(clustering => clustering.Configure<OrleansDatabase>((options, database) =>
                (options.Invariant, options.DataSource) = (database.Invariant, database.Source)))
            .AddActivityPropagation()
            .AddOutgoingGrainCallFilter<RepeatLostCalls>()
            // The first silo may start after the first front end.
            .UseConnectionRetryFilter(async (_, cancellation) =>
            {
                await Task.Delay(ConnectPause, TimeProvider.System, cancellation);
                return true;
            });
    }

    /// <summary>A failure of the database must reach the front end as what it is, not as one to send it.</summary>
    static void SendFailures(IServiceCollection services) => services.Configure<ExceptionSerializationOptions>(
        options => options.SupportedExceptionTypeFilter = type => type.IsAssignableTo(typeof(DbException)));

    static void Name(Orleans.Configuration.ClusterOptions options, ClusterOptions cluster)
    {
        options.ClusterId = cluster.Id;
        options.ServiceId = OrleansHost.ServiceId;
    }
}
