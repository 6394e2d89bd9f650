using SessionManager.Tests.Cluster;
using SessionManager.Users;

namespace SessionManager.Tests.Users;

public sealed class AdministratorsGrainTests : IAsyncLifetime
{
    GrainCluster _cluster = null!;

    public async Task InitializeAsync() => _cluster = await GrainCluster.Start(silos: 2);

    public Task DisposeAsync() => _cluster.DisposeAsync().AsTask();

    [Fact]
    public async Task One_claim_ever_is_granted_through_whichever_silo_and_again_to_the_same_one_after_its_silo_has_gone()
    {
        var claims = await Task.WhenAll(Enumerable.Range(0, 20).Select(async i => (
            User: $"usr_{i}",
            Granted: await GrainCluster.Grain<IAdministratorsGrain>(_cluster.Silos[i % 2], IAdministratorsGrain.Key).Claim($"usr_{i}"))));
        var first = Assert.Single(claims, claim => claim.Granted).User;

        await _cluster.Stop(_cluster.HomeOf(Setup));

        Assert.True(await Setup.Claim(first));
        Assert.False(await Setup.Claim("usr_other"));
    }

    IAdministratorsGrain Setup => _cluster.Grain<IAdministratorsGrain>(IAdministratorsGrain.Key);
}
