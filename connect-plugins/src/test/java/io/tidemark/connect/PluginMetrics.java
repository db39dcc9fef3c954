package io.tidemark.connect;

import com.sun.tools.attach.AttachNotSupportedException;
import com.sun.tools.attach.VirtualMachine;
import io.tidemark.localstack.ConnectCluster;
import io.tidemark.localstack.ConnectWorker;
import java.io.IOException;
import javax.management.JMException;
import javax.management.MBeanServerConnection;
import javax.management.ObjectName;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;

/** The metrics of plugins as workers show them by JMX. */
final class PluginMetrics {

    private PluginMetrics() {}

    /** A metric of a connector, summed over its tasks. */
    static double sum(ConnectCluster cluster, String connector, String metric) {
        double sum = 0;
        for (ConnectWorker worker : cluster.workers()) {
            sum += sum(worker.pid(), connector, metric);
        }
        return sum;
    }

    private static double sum(long pid, String connector, String metric) {
        try {
            VirtualMachine machine = VirtualMachine.attach(Long.toString(pid));
            String url = machine.startLocalManagementAgent();
            machine.detach();
            try (JMXConnector open = JMXConnectorFactory.connect(new JMXServiceURL(url))) {
                return sum(open.getMBeanServerConnection(), connector, metric);
            }
        } catch (IOException | JMException | AttachNotSupportedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static double sum(MBeanServerConnection beans, String connector, String metric)
            throws IOException, JMException {
        double sum = 0;
        for (ObjectName name : beans.queryNames(new ObjectName("kafka.connect:type=plugins,*"), null)) {
            boolean has = java.util.Arrays.stream(beans.getMBeanInfo(name).getAttributes())
                    .anyMatch(attribute -> attribute.getName().equals(metric));
            if (has && name.getKeyProperty("connector").replace("\"", "").equals(connector)) {
                sum += ((Number) beans.getAttribute(name, metric)).doubleValue();
            }
        }
        return sum;
    }
}
